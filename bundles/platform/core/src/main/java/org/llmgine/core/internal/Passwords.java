package org.llmgine.core.internal;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/** Hashes passwords with Argon2id, in the PHC text form, at the cost that OWASP advises: 19 MiB, two passes. */
final class Passwords {
    private static final int MEMORY_KIB = 19 * 1024;
    private static final int PASSES = 2;
    private static final int LANES = 1;
    private static final int HASH_BYTES = 32;
    private static final int SALT_BYTES = 16;
    private static final String PREFIX = "$argon2id$v=19$m=" + MEMORY_KIB + ",t=" + PASSES + ",p=" + LANES + "$";

    private final Secrets secrets;

    Passwords(Secrets secrets) {
        this.secrets = secrets;
    }

    String hash(String password) {
        byte[] salt = secrets.bytes(SALT_BYTES);
        Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
        return PREFIX + base64.encodeToString(salt) + "$" + base64.encodeToString(derive(password, salt));
    }

    /** Tell whether a password fits a hash; one that can't be read fits none, and takes as long. */
    static boolean fits(String password, String hash) {
        String[] parts =
                hash.startsWith(PREFIX) ? hash.substring(PREFIX.length()).split("\\$", -1) : new String[0];
        boolean readable = parts.length == 2;
        byte[] salt = readable ? Base64.getDecoder().decode(parts[0]) : new byte[SALT_BYTES];
        byte[] expected = readable ? Base64.getDecoder().decode(parts[1]) : new byte[HASH_BYTES];
        return MessageDigest.isEqual(derive(password, salt), expected) & readable;
    }

    private static byte[] derive(String password, byte[] salt) {
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withMemoryAsKB(MEMORY_KIB)
                .withIterations(PASSES)
                .withParallelism(LANES)
                .withSalt(salt)
                .build());
        byte[] hash = new byte[HASH_BYTES];
        generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
        return hash;
    }
}
