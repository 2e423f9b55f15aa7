package org.llmgine.bus;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/** Show an event to who watches, or tell that some were lost. */
public sealed interface ShownEvent {
    /**
     * An event.
     *
     * @param id the event's id
     * @param type its type, see {@link org.llmgine.api.bus.MessageType}
     * @param version the version of the type
     * @param session the session's id; empty when it belongs to none
     * @param principal the name of who caused it
     * @param sent when it was published
     * @param origin which bundle published it; empty for none
     * @param cause the id of the message in whose handler it was published
     * @param payload the record's components as a JSON object; empty when that isn't shown
     * @param problem why the payload isn't shown; empty when it is
     */
    record Told(
            String id,
            String type,
            int version,
            String session,
            String principal,
            Instant sent,
            String origin,
            Optional<String> cause,
            String payload,
            String problem)
            implements ShownEvent {
        /** Check that all is there. */
        public Told {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(session, "session");
            Objects.requireNonNull(principal, "principal");
            Objects.requireNonNull(sent, "sent");
            Objects.requireNonNull(origin, "origin");
            Objects.requireNonNull(cause, "cause");
            Objects.requireNonNull(payload, "payload");
            Objects.requireNonNull(problem, "problem");
        }
    }

    /**
     * A gap: the reader was too slow.
     *
     * @param count how many events are missing here
     */
    record Lost(long count) implements ShownEvent {}
}
