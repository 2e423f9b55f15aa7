package org.llmgine.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until a test moves it; for {@link java.time.InstantSource} and for nanoseconds, too. Thread-safe. */
public final class ManualClock extends Clock {
    private final Instant start;
    private final ZoneId zone;
    private final AtomicLong passed;

    private ManualClock(Instant start, ZoneId zone, AtomicLong passed) {
        this.start = start;
        this.zone = zone;
        this.passed = passed;
    }

    /** Make a clock that stands at a time, in UTC. */
    public ManualClock(Instant start) {
        this(start, ZoneOffset.UTC, new AtomicLong());
    }

    /** Let so much time pass. */
    public void advance(Duration time) {
        passed.addAndGet(time.toNanos());
    }

    /** Return the nanoseconds that have passed, in place of {@link System#nanoTime()}. */
    public long nanoTime() {
        return passed.get();
    }

    @Override
    public Instant instant() {
        return start.plusNanos(passed.get());
    }

    @Override
    public ZoneId getZone() {
        return zone;
    }

    /** Return the same clock in another zone: what moves one moves the other. */
    @Override
    public Clock withZone(ZoneId other) {
        return new ManualClock(start, other, passed);
    }
}
