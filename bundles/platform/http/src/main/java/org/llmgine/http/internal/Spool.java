package org.llmgine.http.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes large bodies to files. */
final class Spool {
    private Spool() {}

    /**
     * Write a body to a file.
     *
     * @throws org.llmgine.api.LlmgineException when the body can't be read
     */
    static void write(InputStream body, Path file) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        try (OutputStream out = Files.newOutputStream(file)) {
            int read;
            while ((read = read(body, buffer)) >= 0) {
                out.write(buffer, 0, read);
            }
        }
    }

    private static int read(InputStream body, byte[] buffer) {
        try {
            return body.read(buffer);
        } catch (IOException e) {
            throw Problem.bodyFailed(e);
        }
    }
}
