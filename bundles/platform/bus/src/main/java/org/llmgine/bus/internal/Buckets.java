package org.llmgine.bus.internal;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/**
 * Limits a rate for each of many keys: a bucket of tokens that fills up steadily. Of each only the time is kept at which it is
 * full again (the generic cell rate algorithm), and of a full one nothing. Keys don't hold each other up.
 */
final class Buckets {
    private static final double MIN_RATE = 0.0001;
    private static final double MAX_RATE = 1_000_000;
    private static final int MAX_BURST = 100_000;
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long SWEEP = Duration.ofSeconds(10).toNanos();

    private final Map<String, Long> fullAt = new ConcurrentHashMap<>();
    private final LongSupplier nanoTime;
    private final long interval;
    private final long tolerance;
    private final AtomicLong swept;

    /**
     * Make buckets.
     *
     * @param rate tokens a second
     * @param burst how many tokens a bucket holds; 0 for as many as a second brings, at least 1
     */
    Buckets(double rate, int burst, LongSupplier nanoTime) {
        if (!(rate >= MIN_RATE && rate <= MAX_RATE)) {
            throw new LlmgineException(
                            ErrorCode.INVALID_REQUEST,
                            "'permitsPerSecond' must be at least 0.0001 and at most 1000000.")
                    .withField("permitsPerSecond");
        }
        if (burst < 0 || burst > MAX_BURST) {
            throw new LlmgineException(
                            ErrorCode.INVALID_REQUEST, "'burst' must be at least 0 and at most " + MAX_BURST + ".")
                    .withField("burst");
        }
        this.nanoTime = nanoTime;
        interval = Math.round(SECOND / rate);
        long held = burst > 0 ? burst : (long) Math.clamp(rate, 1, MAX_BURST);
        tolerance = (held - 1) * interval;
        swept = new AtomicLong(nanoTime.getAsLong());
    }

    /**
     * Take a token, also one that will be there within a time.
     *
     * @param patience for how many nanoseconds at most the caller would wait
     * @return in how many nanoseconds the token is there; when that is more than the patience, none was taken
     */
    long take(String key, long patience) {
        long now = nanoTime.getAsLong();
        sweep(now);
        long[] wait = new long[1];
        fullAt.compute(key, (same, at) -> {
            long from = at == null || at - now < 0 ? now : at;
            wait[0] = Math.max(0, from - tolerance - now);
            return wait[0] > patience ? from : from + interval;
        });
        return wait[0];
    }

    /** Forget the full ones, once in a while. */
    private void sweep(long now) {
        long last = swept.get();
        if (now - last >= SWEEP && swept.compareAndSet(last, now)) {
            fullAt.values().removeIf(at -> at - now <= 0);
        }
    }

    int size() {
        return fullAt.size();
    }
}
