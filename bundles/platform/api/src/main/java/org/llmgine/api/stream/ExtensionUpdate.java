package org.llmgine.api.stream;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Carry fields of an answer that only some back-ends know; callers who speak the back-end's protocol get them untouched.
 *
 * @param scope what the fields belong to: {@link #ANSWER}, {@link #CHOICE} or {@link #MESSAGE}
 * @param fields the fields as JSON values (String, Number, Boolean, List, Map)
 */
public record ExtensionUpdate(String scope, Map<String, Object> fields) implements StreamEvent {
    /** The answer as a whole, for example {@code system_fingerprint}; the last value counts. */
    public static final String ANSWER = "answer";

    /** The one choice of the answer, for example {@code native_finish_reason}; the last value counts. */
    public static final String CHOICE = "choice";

    /**
     * The assistant's message, for example {@code reasoning_details}; lists are joined, of other values the last counts. The
     * message that is kept has them as its extensions, so that the back-end gets them again with the next request.
     */
    public static final String MESSAGE = "message";

    /** Copy the fields. */
    public ExtensionUpdate {
        Objects.requireNonNull(scope, "scope");
        // Names come from back-ends: Map.copyOf probes linearly, so colliding ones would take quadratic time.
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /** Add the fields to those of earlier updates of the same scope: in {@link #MESSAGE} lists are joined, else the last counts. */
    public void addTo(Map<String, Object> earlier) {
        fields.forEach((name, value) -> earlier.put(name, joined(earlier.get(name), value)));
    }

    private Object joined(@Nullable Object before, Object now) {
        if (scope.equals(MESSAGE) && before instanceof List<?> first && now instanceof List<?> second) {
            List<Object> both = new ArrayList<>(first);
            both.addAll(second);
            return both;
        }
        return now;
    }
}
