package org.llmgine.http.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the listener's certificate and key are: one or two PEM files, or a PKCS12 file. */
record TlsFiles(@Nullable Path certificate, Path key, boolean keyStore) {
    private static final int MAX_BYTES = 1024 * 1024;

    /** What to do when nothing is set. */
    static final String NOTHING =
            "HTTPS has no certificate: set LLMGINE_TLS_CERTIFICATE and LLMGINE_TLS_KEY, or LLMGINE_TLS_KEYSTORE.";

    private static final TlsFiles NONE = new TlsFiles(null, Path.of(""), false);

    static TlsFiles of(TlsConfig config) {
        if (!config.keystore().isBlank()) {
            Path file = path(config.keystore());
            return new TlsFiles(file, file, true);
        }
        if (config.certificate().isBlank()) {
            return NONE;
        }
        Path file = path(config.certificate());
        return new TlsFiles(file, config.key().isBlank() ? file : path(config.key()), false);
    }

    private static Path path(String setting) {
        return Path.of(setting.strip()).toAbsolutePath();
    }

    /** Read the files as they are now. */
    Contents read() {
        if (certificate == null) {
            return new Contents(this, List.of(), NOTHING);
        }
        try {
            String first = read(certificate);
            return new Contents(this, List.of(first, key.equals(certificate) ? first : read(key)), "");
        } catch (TlsProblem e) {
            return new Contents(this, List.of(), e.getMessage());
        }
    }

    private static String read(Path file) throws TlsProblem {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new TlsProblem(file + " is too large for a certificate or a key.");
            }
            return new String(bytes, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw new TlsProblem("There is no file " + file + ".");
        } catch (AccessDeniedException e) {
            throw new TlsProblem("The host may not read " + file + ".");
        } catch (IOException e) {
            throw new TlsProblem(file + " can't be read: " + e.getMessage() + ".");
        }
    }

    /**
     * What was in the files: equal when nothing has changed.
     *
     * @param texts the bytes of certificate and key, a char each; none when they could not be read
     * @param problem why they could not
     */
    record Contents(TlsFiles files, List<String> texts, String problem) {
        /** Make of it what the listener needs. */
        TlsMaterial material(char[] password) throws TlsProblem {
            Path file = files.certificate();
            if (file == null || !problem.isEmpty()) {
                throw new TlsProblem(problem);
            }
            return files.keyStore()
                    ? TlsMaterial.ofKeyStore(file, texts.getFirst().getBytes(StandardCharsets.ISO_8859_1), password)
                    : TlsMaterial.ofPem(file, texts.getFirst(), files.key(), texts.getLast(), password);
        }

        /** Not the files' bytes: one is a secret. */
        @Override
        public String toString() {
            return files.toString();
        }
    }
}
