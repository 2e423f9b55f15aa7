package org.llmgine.bus;

import java.time.Duration;
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
     * @return how many weren't logged since the last one, -1 when this one isn't either
     */
    public synchronized int next(String kind) {
        long now = nanoTime.getAsLong();
        if (now - logged < (kind.equals(last) ? BETWEEN_LIKE : BETWEEN)) {
            unlogged++;
            return -1;
        }
        int before = unlogged;
        last = kind;
        logged = now;
        unlogged = 0;
        return before;
    }

    /** Say how many weren't logged, to be put behind a sentence; nothing for none. */
    public static String more(int unlogged) {
        return unlogged == 0 ? "" : " (" + unlogged + " more failures of it weren't logged)";
    }
}
