package org.llmgine.core.spi;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Keep the settings that were set through the host, and their former states. Thread-safe; every method may block, and fails with
 * {@link org.llmgine.api.LlmgineException} only. It holds secrets encrypted, never in clear.
 */
@ConsumerType
public interface SettingsStore {
    /** Return the newest state of each configuration, removed ones among them. */
    List<State> current();

    /**
     * Return states of one configuration, newest first.
     *
     * @param before the version before which to begin
     * @param limit how many at most
     */
    List<State> history(String pid, long before, int limit);

    /**
     * Add a state, durable on return, and forget those that are older than the newest so many.
     *
     * <p>Fails with {@code busy} when there is one of that version, which another host has added.
     */
    void append(State state, int kept);

    /**
     * Hold what is stored for one configuration since a change.
     *
     * @param pid the PID, or {@code pid~name}
     * @param version the change's number, from 1
     * @param time when it was
     * @param principal the name of who changed it
     * @param removed whether nothing is stored since
     * @param values texts, whole numbers as {@code Long}, other numbers as {@code Double}, booleans, and lists of these
     * @param secrets encrypted texts
     */
    record State(
            String pid,
            long version,
            Instant time,
            String principal,
            boolean removed,
            Map<String, Object> values,
            Map<String, String> secrets) {
        /** Copy what it holds. */
        public State {
            values = Map.copyOf(values);
            secrets = Map.copyOf(secrets);
        }
    }
}
