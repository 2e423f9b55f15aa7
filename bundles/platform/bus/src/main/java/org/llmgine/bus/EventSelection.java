package org.llmgine.bus;

import java.util.List;
import java.util.Objects;

/**
 * Say which events are wanted.
 *
 * @param topics the topics, one of which the event's must match, see {@link org.llmgine.api.bus.ListensTo#topics()}; none for all
 * @param session the id of the session; empty for all
 * @param principal the name of who caused it; empty for all
 */
public record EventSelection(List<String> topics, String session, String principal) {
    /** All events. */
    public static final EventSelection ALL = new EventSelection(List.of(), "", "");

    /** Check and copy. */
    public EventSelection {
        topics = List.copyOf(topics);
        Objects.requireNonNull(session, "session");
        Objects.requireNonNull(principal, "principal");
    }
}
