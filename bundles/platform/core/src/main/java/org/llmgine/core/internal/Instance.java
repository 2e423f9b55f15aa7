package org.llmgine.core.internal;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One registered service with its leases. A lease is taken by {@link #acquire} and given back by {@link #release}, once. */
final class Instance<T> {
    private final Origin origin;
    private final T service;
    private final Figures figures;
    private final AtomicInteger leases = new AtomicInteger();
    private final CountDownLatch idle = new CountDownLatch(1);
    private volatile Optional<String> notice;
    private volatile boolean draining;
    private volatile Runnable whenIdle = () -> {};
    private volatile @Nullable Guarding guarding;

    Instance(Origin origin, T service, Optional<String> notice, Figures figures) {
        this.origin = origin;
        this.service = service;
        this.notice = notice;
        this.figures = figures;
    }

    /** Holds what was built from one state of the settings. */
    private record Guarding(int failures, Duration delay, Breaker breaker) {
        boolean fits(Settings.Retrying settings) {
            return failures == settings.breakerFailures() && delay.equals(settings.breakerDelay());
        }
    }

    Origin origin() {
        return origin;
    }

    T service() {
        return service;
    }

    /** Return the breaker for the settings as they are; its state lasts until they change. */
    Breaker breaker(Settings.Retrying settings) {
        Guarding now = guarding;
        return now != null && now.fits(settings) ? now.breaker() : build(settings);
    }

    private synchronized Breaker build(Settings.Retrying settings) {
        Guarding now = guarding;
        if (now == null || !now.fits(settings)) {
            now = new Guarding(
                    settings.breakerFailures(),
                    settings.breakerDelay(),
                    new Breaker(settings.breakerFailures(), settings.breakerDelay()));
            guarding = now;
        }
        return now.breaker();
    }

    /** Say for how long callers are kept away, and why; nothing while they are let through. */
    Optional<String> quarantine() {
        Guarding now = guarding;
        return now == null ? Optional.empty() : now.breaker().quarantine();
    }

    /** Return what is amiss although it serves. */
    Optional<String> notice() {
        return notice;
    }

    void notice(Optional<String> now) {
        notice = now;
    }

    Figures figures() {
        return figures;
    }

    int leases() {
        return leases.get();
    }

    boolean isDraining() {
        return draining;
    }

    /** Take a lease unless the instance is draining. */
    boolean acquire() {
        leases.incrementAndGet();
        // Looked at after the increment: whoever sets it reads the count afterwards, so one of the two sees the other.
        if (draining) {
            release();
            return false;
        }
        return true;
    }

    void release() {
        if (leases.decrementAndGet() == 0 && draining) {
            becomeIdle();
        }
    }

    /** Give no further leases, and run an action, once or more, when the last one is given back. */
    void drain(Runnable whenIdle) {
        this.whenIdle = whenIdle;
        draining = true;
        if (leases.get() == 0) {
            becomeIdle();
        }
    }

    private void becomeIdle() {
        idle.countDown();
        whenIdle.run();
    }

    /** Wait until the last lease of a draining instance is given back; tells whether that happened in time. */
    boolean awaitIdle(Duration limit) throws InterruptedException {
        return idle.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }
}
