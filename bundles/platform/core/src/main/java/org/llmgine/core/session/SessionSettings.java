package org.llmgine.core.session;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Hold the options of a session's turns. An option that is empty is the back-end's, or the host's, to decide.
 *
 * @param maxTokens how many tokens one answer may have
 * @param temperature the sampling temperature, 0 to 2
 * @param topP the nucleus sampling share, above 0 to 1
 * @param seed the seed for back-ends that sample repeatably
 * @param stop the texts before which an answer ends
 * @param reasoningEffort how much to reason, in the back-end's words
 * @param whenBusy {@link #REFUSE} or {@link #QUEUE}: what happens to a prompt while a turn is in progress
 * @param detachedGrace how long a turn goes on while nobody reads it; empty for the host's own setting
 * @param approvals what happens to calls of a tool, by its name: {@link #ALLOW}, {@link #ASK} or {@link #DENY}; what the tool or
 *     the host says for those that it doesn't name
 * @param extensions further options that only some back-ends know, as JSON values (String, Number, Boolean, List, Map)
 */
public record SessionSettings(
        OptionalInt maxTokens,
        OptionalDouble temperature,
        OptionalDouble topP,
        OptionalLong seed,
        List<String> stop,
        Optional<String> reasoningEffort,
        String whenBusy,
        Optional<Duration> detachedGrace,
        Map<String, String> approvals,
        Map<String, Object> extensions) {
    /** A tool is called at once. It counts only where the session's owner may approve calls himself. */
    public static final String ALLOW = "allow";

    /** A person is asked before each call. */
    public static final String ASK = "ask";

    /** A tool is not called. */
    public static final String DENY = "deny";

    /** A prompt that comes while a turn is in progress fails with {@code busy}. */
    public static final String REFUSE = "refuse";

    /** A prompt that comes while a turn is in progress waits for its end. */
    public static final String QUEUE = "queue";

    /** Everything is left to back-end and host. */
    public static final SessionSettings DEFAULT = new SessionSettings(
            OptionalInt.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalLong.empty(),
            List.of(),
            Optional.empty(),
            REFUSE,
            Optional.empty(),
            Map.of(),
            Map.of());

    /** Copy the collections. */
    public SessionSettings {
        stop = List.copyOf(stop);
        // Names come from callers: Map.copyOf probes linearly, so colliding ones would take quadratic time.
        approvals = Collections.unmodifiableMap(new LinkedHashMap<>(approvals));
        extensions = Collections.unmodifiableMap(new LinkedHashMap<>(extensions));
    }
}
