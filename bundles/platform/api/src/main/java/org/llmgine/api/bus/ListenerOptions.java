package org.llmgine.api.bus;

import java.util.List;
import java.util.Objects;

/**
 * Say how a listener that is registered by code listens.
 *
 * @param name what it is called in figures and failures
 * @param ranking higher ones are done before lower ones begin; those of the same one run at the same time
 * @param topics the topics, one of which the event's must match, see {@link ListensTo#topics()}; none for all
 */
public record ListenerOptions(String name, int ranking, List<String> topics) {
    /** Check and copy. */
    public ListenerOptions {
        Objects.requireNonNull(name, "name");
        topics = List.copyOf(topics);
    }

    /** Make options with a name, the ranking 0 and all topics. */
    public static ListenerOptions named(String name) {
        return new ListenerOptions(name, 0, List.of());
    }

    /** Listen earlier (higher) or later. */
    public ListenerOptions withRanking(int rank) {
        return new ListenerOptions(name, rank, topics);
    }

    /** Listen to some topics only. */
    public ListenerOptions withTopics(String... patterns) {
        return new ListenerOptions(name, ranking, List.of(patterns));
    }
}
