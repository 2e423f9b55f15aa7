package org.llmgine.core.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/**
 * Encrypts secrets for the store (AES-256-GCM), each for its place, so that none can be laid into another's.
 *
 * <p>The key comes from {@value #VARIABLE}, else from a file in the data folder that only its owner may read, which is made when
 * the first secret is.
 */
final class SecretBox {
    static final String VARIABLE = "LLMGINE_SECRET_KEY";
    static final String FILE = "secret.key";

    private static final int MIN_CHARACTERS = 32;
    private static final String FORM = "v1.";
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final DataFolder folder;
    private final String variable;
    private final Secrets secrets = new Secrets();

    SecretBox(DataFolder folder, Map<String, String> environment) {
        this.folder = folder;
        variable = environment.getOrDefault(VARIABLE, "");
        if (!variable.isEmpty() && variable.length() < MIN_CHARACTERS) {
            throw new IllegalArgumentException(VARIABLE + " needs " + MIN_CHARACTERS + " characters or more.");
        }
    }

    /** Encrypt a secret. */
    String seal(String place, String secret) {
        byte[] nonce = secrets.bytes(NONCE_BYTES);
        try {
            byte[] encrypted = cipher(Cipher.ENCRYPT_MODE, madeKey(), nonce, place)
                    .doFinal(secret.getBytes(StandardCharsets.UTF_8));
            byte[] whole = ByteBuffer.allocate(nonce.length + encrypted.length)
                    .put(nonce)
                    .put(encrypted)
                    .array();
            return FORM + Base64.getUrlEncoder().withoutPadding().encodeToString(whole);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Decrypt a secret; nothing when it is another key's or another place's. */
    Optional<String> open(String place, String encrypted) {
        try {
            Optional<byte[]> key = key();
            if (key.isEmpty() || !encrypted.startsWith(FORM)) {
                return Optional.empty();
            }
            byte[] whole = Base64.getUrlDecoder().decode(encrypted.substring(FORM.length()));
            byte[] nonce = new byte[NONCE_BYTES];
            ByteBuffer.wrap(whole).get(nonce);
            byte[] secret = cipher(Cipher.DECRYPT_MODE, key.get(), nonce, place)
                    .doFinal(whole, NONCE_BYTES, whole.length - NONCE_BYTES);
            return Optional.of(new String(secret, StandardCharsets.UTF_8));
        } catch (GeneralSecurityException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private static Cipher cipher(int mode, byte[] key, byte[] nonce, String place) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(place.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    private byte[] madeKey() {
        Optional<byte[]> key = key();
        if (key.isEmpty()) {
            try {
                folder.write(FILE, HexFormat.of().formatHex(secrets.bytes(KEY_BYTES)) + "\n");
            } catch (IOException e) {
                throw new LlmgineException(
                                ErrorCode.UNAVAILABLE, "The key for secrets can't be kept in " + folder.path() + ".", e)
                        .withHint("Is its disk full?");
            }
            key = key();
        }
        return key.orElseThrow();
    }

    private Optional<byte[]> key() {
        if (!variable.isEmpty()) {
            return Optional.of(HexFormat.of().parseHex(Secrets.sha256(variable)));
        }
        Path file = folder.file(FILE);
        try {
            return Files.exists(file)
                    ? Optional.of(HexFormat.of().parseHex(Files.readString(file).strip()))
                    : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
