package org.llmgine.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.function.Predicate;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.ExternalTerminal;

/** A terminal without a screen: the test types, and reads what is written. */
final class FakeTerminal implements AutoCloseable {
    private static final long LIMIT_MS = 10_000;

    final Terminal terminal;
    private final PipedOutputStream keys = new PipedOutputStream();
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private int read;

    FakeTerminal(String type, int columns) throws IOException {
        OutputStream screen = new OutputStream() {
            @Override
            public void write(int b) {
                synchronized (written) {
                    written.write(b);
                    written.notifyAll();
                }
            }
        };
        terminal = new ExternalTerminal("test", type, new PipedInputStream(keys, 1 << 16), screen, UTF_8);
        terminal.setSize(new Size(columns, 24));
    }

    FakeTerminal type(String text) throws IOException {
        keys.write(text.getBytes(UTF_8));
        keys.flush();
        return this;
    }

    /** Wait until a text is written, in whatever look, behind what was waited for, and return all up to its end. */
    String await(String text) throws InterruptedException {
        return await(text, all -> all.indexOf(text, read) >= 0);
    }

    private String await(String what, Predicate<String> condition) throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT_MS * 1_000_000;
        synchronized (written) {
            while (!condition.test(plain())) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    throw new AssertionError("No '" + what + "' behind character " + read + " of:\n" + plain());
                }
                written.wait(left);
            }
            int end = plain().indexOf(what, read) + what.length();
            String piece = plain().substring(read, end);
            read = end;
            return piece;
        }
    }

    /** Return all that was written. */
    String all() {
        synchronized (written) {
            return written.toString(UTF_8).replace("\r\n", "\n");
        }
    }

    private String plain() {
        return all().replaceAll("\033\\[[0-9;]*m", "");
    }

    @Override
    public void close() throws IOException {
        keys.close();
        terminal.close();
    }
}
