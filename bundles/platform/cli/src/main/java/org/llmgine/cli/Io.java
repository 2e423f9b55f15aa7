package org.llmgine.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
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

    /** Ask for a secret without an echo, or read a line of the standard input when nobody sits there. */
    String secret(String name) throws HostException {
        Console console = interactive.getAsBoolean() ? System.console() : null;
        if (console != null) {
            char[] typed = console.readPassword("%s: ", name);
            return typed == null ? "" : new String(typed);
        }
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            // Not a byte more: another secret may follow.
            for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
                line.write(next);
            }
        } catch (IOException e) {
            throw new HostException(ExitCode.ERROR, "The standard input can't be read: " + e.getMessage());
        }
        String secret = line.toString(UTF_8).strip();
        if (secret.isEmpty()) {
            throw new HostException(ExitCode.USAGE, "The standard input has no line for " + name + ".");
        }
        return secret;
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
