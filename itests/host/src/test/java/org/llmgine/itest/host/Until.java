package org.llmgine.itest.host;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for another process, which gives no signal, by looking often. */
final class Until {
    /** What a busy machine may take; who waits so long fails as a rule. */
    private static final Duration LEAST = Duration.ofSeconds(30);

    private Until() {}

    /** Look until something holds, half a minute at least; a look that throws counts as not yet. */
    static void holds(Duration limit, Supplier<String> what, Callable<Boolean> condition) {
        Duration most = limit.compareTo(LEAST) < 0 ? LEAST : limit;
        long deadline = System.nanoTime() + most.toNanos();
        Throwable last = null;
        do {
            try {
                if (condition.call()) {
                    return;
                }
                last = null;
            } catch (Exception | AssertionError e) {
                last = e;
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        } while (System.nanoTime() < deadline);
        throw new AssertionError("After " + most + ": " + what.get(), last);
    }
}
