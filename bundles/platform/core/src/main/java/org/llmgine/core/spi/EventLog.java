package org.llmgine.core.spi;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.llmgine.bus.StoredMessage;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Read the bus' events that were kept, if the host is set to keep them. Thread-safe; every method may block, and fails with
 * {@link org.llmgine.api.LlmgineException} only.
 */
@ConsumerType
public interface EventLog {
    /**
     * Return events, oldest first.
     *
     * @param after the id of the logged event after which to go on, whether or not it is there; empty to begin with the first
     * @param limit how many at most
     */
    List<Logged> list(Filter filter, String after, int limit);

    /**
     * Say which events are wanted.
     *
     * @param session the session's id; empty for all
     * @param topic the event's topic, which is its type's name; empty for all
     * @param from the time from which on; empty for all
     * @param before the time before which; empty for all
     */
    record Filter(String session, String topic, Optional<Instant> from, Optional<Instant> before) {
        /** All that is kept. */
        public static final Filter ALL = new Filter("", "", Optional.empty(), Optional.empty());
    }

    /**
     * Hold an event as it was published.
     *
     * @param id the id in the log; ids are in the order of time
     * @param eventId the event's own id
     * @param time when it was published
     * @param origin the bundle that published it; empty for none
     * @param message the event, with its session, principal and cause
     */
    record Logged(String id, String eventId, Instant time, String origin, StoredMessage message) {}
}
