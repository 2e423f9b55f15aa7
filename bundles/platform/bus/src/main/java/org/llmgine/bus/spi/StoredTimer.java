package org.llmgine.bus.spi;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.llmgine.bus.StoredMessage;

/**
 * Hold a timer.
 *
 * @param id the id
 * @param name the name; empty for none
 * @param origin which bundle made it, by its symbolic name; empty for none
 * @param schedule the schedule, see {@link org.llmgine.api.bus.Schedule#text()}
 * @param message the message; its idempotency key is empty if the sender gave none
 * @param timeout how long a command may take, in whole milliseconds; empty for the usual time
 * @param progress how far it is
 * @param claim who runs it
 */
public record StoredTimer(
        String id,
        String name,
        String origin,
        String schedule,
        StoredMessage message,
        Optional<Duration> timeout,
        Progress progress,
        Optional<Claim> claim) {
    /** Check that all is there. */
    public StoredTimer {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(origin, "origin");
        Objects.requireNonNull(schedule, "schedule");
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(timeout, "timeout");
        Objects.requireNonNull(progress, "progress");
        Objects.requireNonNull(claim, "claim");
    }

    /** Return the timer with another claim. */
    public StoredTimer withClaim(Optional<Claim> by) {
        return new StoredTimer(id, name, origin, schedule, message, timeout, progress, by);
    }

    /** Return the timer with another progress. */
    public StoredTimer withProgress(Progress now) {
        return new StoredTimer(id, name, origin, schedule, message, timeout, now, claim);
    }

    /**
     * Tell how far a timer is.
     *
     * @param run the scheduled time of the next run, a part of the run's idempotency key
     * @param due when to try that run
     * @param attempts how often it has been tried
     * @param parked why it can't be tried, up to 1000 characters; empty when it can
     * @param lastRun when something was run last
     * @param lastError why that failed, up to 1000 characters; empty when it didn't
     */
    public record Progress(
            Instant run, Instant due, int attempts, String parked, Optional<Instant> lastRun, String lastError) {
        /** Check that all is there. */
        public Progress {
            Objects.requireNonNull(run, "run");
            Objects.requireNonNull(due, "due");
            Objects.requireNonNull(parked, "parked");
            Objects.requireNonNull(lastRun, "lastRun");
            Objects.requireNonNull(lastError, "lastError");
        }

        /** Return the first progress of a timer. */
        public static Progress first(Instant run) {
            return new Progress(run, run, 0, "", Optional.empty(), "");
        }

        /** Return the progress with another time to try. */
        public Progress withDue(Instant at) {
            return new Progress(run, at, attempts, parked, lastRun, lastError);
        }
    }

    /**
     * Tell who runs a timer.
     *
     * @param holder who
     * @param until when the claim counts no more
     */
    public record Claim(String holder, Instant until) {
        /** Check that all is there. */
        public Claim {
            Objects.requireNonNull(holder, "holder");
            Objects.requireNonNull(until, "until");
        }
    }
}
