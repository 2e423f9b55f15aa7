package org.llmgine.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Holds what surrounds a command.
 *
 * @param environment the environment's variables
 * @param in the standard input
 * @param out the standard output, UTF-8; it is flushed by whoever writes
 * @param err the standard error
 * @param interactive whether a person sits at the standard input and output
 */
record Io(
        Map<String, String> environment,
        InputStream in,
        PrintStream out,
        PrintStream err,
        BooleanSupplier interactive) {
    private static final int USUAL_WIDTH = 80;

    static Io ofProcess() {
        return new Io(
                System.getenv(),
                System.in,
                new PrintStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)), false, UTF_8),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, UTF_8),
                () -> {
                    Console console = System.console();
                    return console != null && console.isTerminal();
                });
    }

    /** Return a variable, or the default when it is not set or blank. */
    String variable(String name, String otherwise) {
        String value = environment.getOrDefault(name, "");
        return value.isBlank() ? otherwise : value.strip();
    }

    /** Return how many columns a line of output may have; the script sets {@code COLUMNS} for a terminal. */
    int width() {
        String columns = variable("COLUMNS", "");
        if (columns.matches("[1-9][0-9]{0,4}")) {
            return Integer.parseInt(columns);
        }
        return interactive.getAsBoolean() ? USUAL_WIDTH : Integer.MAX_VALUE;
    }

    /** Print a line for a person or a program that reads lines. */
    void print(String line) {
        out.println(line);
        out.flush();
    }
}
