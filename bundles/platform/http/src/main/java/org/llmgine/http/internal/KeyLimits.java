package org.llmgine.http.internal;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Keeps a key to its requests at a time and its requests a second. Thread-safe. */
final class KeyLimits {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final Map<String, Use> uses = new HashMap<>();

    /**
     * Begin a request, to be ended by {@link #leave} when nothing is returned.
     *
     * @return how long to wait, when a limit is reached
     */
    synchronized Optional<Duration> enter(String key, HttpSettings.Snapshot limits, long nanoTime) {
        Use use = uses.computeIfAbsent(key, any -> new Use(nanoTime));
        int rate = limits.requestsPerSecondPerKey();
        use.refill(rate, nanoTime);
        if (use.open >= limits.maxStreamsPerKey()) {
            return Optional.of(Duration.ofSeconds(1));
        }
        if (rate > 0) {
            if (use.tokens < 1) {
                return Optional.of(Duration.ofNanos((long) ((1 - use.tokens) / rate * SECOND)));
            }
            use.tokens -= 1;
        }
        use.open++;
        return Optional.empty();
    }

    synchronized void leave(String key, HttpSettings.Snapshot limits, long nanoTime) {
        Use use = uses.get(key);
        if (use == null) {
            return;
        }
        use.open--;
        int rate = limits.requestsPerSecondPerKey();
        use.refill(rate, nanoTime);
        if (use.open == 0 && (rate == 0 || use.tokens >= rate)) {
            uses.remove(key);
        }
    }

    /** What one key uses now. */
    private static final class Use {
        private int open;
        private double tokens = Double.MAX_VALUE;
        private long refilled;

        Use(long nanoTime) {
            refilled = nanoTime;
        }

        /** A bucket holds the requests of one second; a new one is full. */
        void refill(int rate, long nanoTime) {
            tokens = Math.min(rate, tokens + (nanoTime - refilled) * (double) rate / SECOND);
            refilled = nanoTime;
        }
    }
}
