package org.llmgine.itest.host;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for another process, which gives no signal, by looking often. */
final class Until {
    private Until() {}

    /** Look until something holds; a look that throws counts as not yet. */
    static void holds(Duration limit, Supplier<String> what, Callable<Boolean> condition) {
        long deadline = System.nanoTime() + limit.toNanos();
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
        throw new AssertionError("After " + limit + ": " + what.get(), last);
    }
}
