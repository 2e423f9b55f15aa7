package org.llmgine.core.internal;

import dev.failsafe.CircuitBreaker;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/**
 * Quarantines an instance that failed so many times in a row: nobody is let through for a while, then a few are, to try. It is
 * no policy around the call because a call lasts until its stream is over, and a retry's work until the first event.
 * Thread-safe.
 */
final class Breaker {
    /** What counts against who is called, and not against the caller. */
    private static final Set<ErrorCode> BREAKING =
            Set.of(ErrorCode.PROVIDER_ERROR, ErrorCode.UNAVAILABLE, ErrorCode.TIMEOUT, ErrorCode.PLUGIN_FAILED);

    /** How many are let through at a time to try: one may hang, and each that fails costs what a failure costs. */
    private static final int TRIES = 3;

    private final CircuitBreaker<Object> breaker;
    private final AtomicReference<String> lastFailure = new AtomicReference<>("");

    /**
     * Let all through.
     *
     * @param failures how many in a row open it
     * @param delay for how long it stays open
     */
    Breaker(int failures, Duration delay) {
        breaker = CircuitBreaker.builder()
                .withFailureThreshold(failures)
                .withSuccessThreshold(1, Math.min(failures, TRIES))
                .withDelay(delay)
                .build();
    }

    /** Ask for leave to call once; empty while nobody is let through. */
    Optional<Permit> permit() {
        return breaker.tryAcquirePermit() ? Optional.of(new Permit()) : Optional.empty();
    }

    /** Say for how long nobody is let through, and why; nothing once a try is due. */
    Optional<String> quarantine() {
        Duration left = breaker.isOpen() ? breaker.getRemainingDelay() : Duration.ZERO;
        if (left.isZero()) {
            return Optional.empty();
        }
        long seconds = Math.max(1, left.plusMillis(999).toSeconds());
        return Optional.of(
                "It failed too often and is left alone for " + seconds + " s; the last failure: " + lastFailure.get());
    }

    /**
     * Make what a caller is told who is not let through.
     *
     * @param what who is called, such as {@code The tool 'clock'}
     */
    LlmgineException refusal(String what) {
        // A second while others are already trying.
        Duration wait = breaker.isOpen() ? breaker.getRemainingDelay() : Duration.ofSeconds(1);
        return new LlmgineException(
                        ErrorCode.UNAVAILABLE,
                        what + " failed too often and is left alone for a while; the last failure: "
                                + lastFailure.get())
                .withRetryAfter(wait);
    }

    boolean isOpen() {
        return breaker.isOpen();
    }

    boolean isHalfOpen() {
        return breaker.isHalfOpen();
    }

    /** Lets one call through, and is told once how it went. Thread-safe. */
    final class Permit {
        private final boolean probing = breaker.isHalfOpen();
        private final AtomicBoolean told = new AtomicBoolean();

        private Permit() {}

        /** Tell how the call went, null for well. A report that blames the caller is an answer, and so is well, too. */
        void record(@Nullable Throwable failure) {
            if (failure instanceof LlmgineException e && e.code().equals(ErrorCode.CANCELLED)) {
                giveBack();
            } else if (told.compareAndSet(false, true)) {
                if (failure instanceof LlmgineException e && BREAKING.contains(e.code())) {
                    // Its sentence only: the exception itself may hold the plugin's classes.
                    lastFailure.set(e.getMessage());
                    breaker.recordFailure();
                } else {
                    breaker.recordSuccess();
                }
            }
        }

        /** Tell that the call was given up without a result. */
        void giveBack() {
            // A half-open breaker counts its permits, and takes one back only with a result; it must not close for this
            // one.
            if (told.compareAndSet(false, true) && probing && breaker.isHalfOpen()) {
                breaker.recordFailure();
            }
        }
    }
}
