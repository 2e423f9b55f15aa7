package org.llmgine.core.internal;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/** Slows guessing down: after a few failures in a row a name has to wait, twice as long after each further one. */
final class LoginThrottle {
    private static final int FREE_FAILURES = 5;
    private static final int MAX_DOUBLINGS = 6;
    private static final int MAX_NAMES = 10_000;

    private final InstantSource clock;
    private final Map<String, Failures> byName = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Failures> eldest) {
            return size() > MAX_NAMES;
        }
    };

    private record Failures(int count, Instant until) {}

    LoginThrottle(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Count a try as failed until {@link #succeeded} says otherwise, so that tries at the same time can't all be free.
     *
     * @throws LlmgineException {@code rate_limited} while the name has to wait
     */
    synchronized void tried(String name) {
        Failures before = byName.get(name);
        Instant now = clock.instant();
        if (before != null && now.isBefore(before.until())) {
            throw new LlmgineException(
                            ErrorCode.RATE_LIMITED, "Too many logins of this name failed; wait before the next.")
                    .withRetryAfter(Duration.between(now, before.until()));
        }
        int count = before == null ? 1 : before.count() + 1;
        Duration wait = count < FREE_FAILURES
                ? Duration.ZERO
                : Duration.ofSeconds(1L << Math.min(count - FREE_FAILURES, MAX_DOUBLINGS));
        byName.remove(name);
        byName.put(name, new Failures(count, now.plus(wait)));
    }

    synchronized void succeeded(String name) {
        byName.remove(name);
    }
}
