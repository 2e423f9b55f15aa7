package org.llmgine.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.Map;

/** Stands in for what surrounds the process: variables, input, and what it prints. */
final class Console {
    final Map<String, String> environment = new HashMap<>();
    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private String input = "";
    private boolean interactive = true;

    Console with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** Let the input be a pipe with this text. */
    Console pipe(String text) {
        input = text;
        interactive = false;
        return this;
    }

    Io terminal() {
        return new Io(
                environment,
                new ByteArrayInputStream(input.getBytes(UTF_8)),
                new PrintStream(out, false, UTF_8),
                new PrintStream(err, true, UTF_8),
                () -> interactive);
    }

    int run(String... args) {
        return Main.run(terminal(), args);
    }

    String out() {
        return out.toString(UTF_8);
    }

    String err() {
        return err.toString(UTF_8);
    }
}
