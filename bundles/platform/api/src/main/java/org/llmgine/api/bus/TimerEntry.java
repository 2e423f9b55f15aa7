package org.llmgine.api.bus;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.llmgine.api.Principal;

/**
 * Tell of a timer.
 *
 * @param id the id, unique over hosts and restarts
 * @param name the name; empty for none
 * @param origin which bundle made it, by its symbolic name
 * @param kind {@code command} or {@code event}
 * @param type the message's type, see {@link MessageType}
 * @param session the session of its messages
 * @param principal who asks
 * @param schedule the schedule, see {@link Schedule#text()}
 * @param next when it is tried next
 * @param attempts how often the next run has been tried
 * @param lastRun when it was run last
 * @param lastError why that failed, in a sentence; empty when it didn't
 * @param state what it does now
 * @param reason why it is parked; empty when it isn't
 * @param idempotencyKey the key of the next run
 */
public record TimerEntry(
        String id,
        String name,
        String origin,
        String kind,
        String type,
        String session,
        Principal principal,
        String schedule,
        Instant next,
        int attempts,
        Optional<Instant> lastRun,
        String lastError,
        State state,
        String reason,
        String idempotencyKey) {
    /** What a timer does. */
    public enum State {
        /** It waits for its time. */
        WAITING,
        /** A host runs it. */
        CLAIMED,
        /** Its message can't be sent yet: the bundle is not there, or nobody handles it. */
        PARKED
    }

    /** Check that all is there. */
    public TimerEntry {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(origin, "origin");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(session, "session");
        Objects.requireNonNull(principal, "principal");
        Objects.requireNonNull(schedule, "schedule");
        Objects.requireNonNull(next, "next");
        Objects.requireNonNull(lastRun, "lastRun");
        Objects.requireNonNull(lastError, "lastError");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(idempotencyKey, "idempotencyKey");
    }
}
