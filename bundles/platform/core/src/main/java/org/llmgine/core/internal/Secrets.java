package org.llmgine.core.internal;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/** Makes random secrets and hashes them. */
final class Secrets {
    private static final int KEY_BYTES = 24;
    private static final int PASSWORD_BYTES = 15;
    private static final int ID_BYTES = 9;

    private final SecureRandom random = new SecureRandom();

    /** Make an API key of 192 random bits. */
    String key() {
        return "llmg_" + text(KEY_BYTES);
    }

    /** Make a password of 120 random bits. */
    String password() {
        return text(PASSWORD_BYTES);
    }

    /** Make a public id of 72 random bits. */
    String id() {
        return "key_" + text(ID_BYTES);
    }

    byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private String text(int count) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(count));
    }

    static String sha256(String secret) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Compare two texts in a time that tells nothing of them. */
    static boolean same(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }
}
