package org.llmgine.itest.provider.scripted.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes what happens to a stream into the file of the system property {@code llmgine.itest.journal}, as lines of the time in
 * epoch milliseconds, {@code open}, {@code end} or {@code cut}, the plugin's version, and the model. A test reads there what
 * the back-end saw, whatever the host says.
 */
record Journal(String version, String model) {
    private static final String FILE = "llmgine.itest.journal";

    /** Tell whether a test has opened a gate, by a file beside the journal with the gate's name behind its own. */
    static boolean isOpen(String gate) {
        return gate.isEmpty() || Files.exists(Path.of(System.getProperty(FILE) + "." + gate));
    }

    void write(String what) {
        String file = System.getProperty(FILE);
        if (file == null) {
            return;
        }
        String line = "%d %s %s %s%n".formatted(System.currentTimeMillis(), what, version, model);
        try {
            Files.writeString(Path.of(file), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
