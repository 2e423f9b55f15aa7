package org.llmgine.cli;

import java.time.Duration;
import java.util.Locale;

/** Shows a person how many bytes have gone over, on one line of the standard error that goes when all have. */
final class ByteProgress implements Host.Progress, AutoCloseable {
    private static final long BETWEEN_NANOS = Duration.ofMillis(200).toNanos();

    private final Io io;
    private final String verb;
    private final boolean shown;
    private long last = System.nanoTime();

    ByteProgress(Io io, String verb) {
        this.io = io;
        this.verb = verb;
        this.shown = io.interactive().getAsBoolean();
    }

    static String size(long bytes) {
        return bytes < 1_000_000
                ? Math.ceilDiv(bytes, 1_000) + " kB"
                : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }

    @Override
    public void bytes(long count) {
        long now = System.nanoTime();
        if (shown && now - last >= BETWEEN_NANOS) {
            last = now;
            io.err().print("\r\033[K" + size(count) + " " + verb);
            io.err().flush();
        }
    }

    @Override
    public void close() {
        if (shown) {
            io.err().print("\r\033[K");
            io.err().flush();
        }
    }
}
