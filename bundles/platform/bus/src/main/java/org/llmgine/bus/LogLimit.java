package org.llmgine.bus;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Lets one failure of something be logged a second, and one that is like the last a minute; it counts the others. So what fails
 * all the time doesn't fill the log. Thread-safe.
 */
public final class LogLimit {
    private static final long BETWEEN = Duration.ofSeconds(1).toNanos();
    private static final long BETWEEN_LIKE = Duration.ofMinutes(1).toNanos();

    private final LongSupplier nanoTime;
    private String last = "";
    private long logged;
    private int unlogged;

    /** Let the first be logged. */
    public LogLimit() {
        this(System::nanoTime);
    }

    LogLimit(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        logged = nanoTime.getAsLong() - BETWEEN;
    }

    /**
     * Ask whether to log now.
     *
     * @param kind what failures that are like each other have in common, such as an exception's class
     * @return nothing when it isn't; else what is to be put behind the sentence: how many weren't logged since the last one was,
     *     empty for none
     */
    public synchronized Optional<String> next(String kind) {
        long now = nanoTime.getAsLong();
        if (now - logged < (kind.equals(last) ? BETWEEN_LIKE : BETWEEN)) {
            unlogged++;
            return Optional.empty();
        }
        String more = unlogged == 0 ? "" : " (" + unlogged + " more failures of it weren't logged)";
        last = kind;
        logged = now;
        unlogged = 0;
        return Optional.of(more);
    }
}
