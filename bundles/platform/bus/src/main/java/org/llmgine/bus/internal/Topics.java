package org.llmgine.bus.internal;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The types of messages that something is for. What the bus itself tells ({@code llmgine/bus/…}) is none of them. */
final class Topics {
    private static final String FACTS = "llmgine/bus/";

    private final List<TopicPattern> patterns;
    /** What is known of a class is kept with the class, so that no bundle is held that has gone. */
    private final ClassValue<Optional<String>> names = new ClassValue<>() {
        @Override
        protected Optional<String> computeValue(Class<?> type) {
            return Optional.of(TypeInfo.of(type).name())
                    .filter(name -> !name.startsWith(FACTS))
                    .filter(name -> patterns.isEmpty() || patterns.stream().anyMatch(pattern -> pattern.matches(name)));
        }
    };

    /** Make topics of patterns; none for all types. */
    Topics(String... patterns) {
        this.patterns = Arrays.stream(patterns).map(TopicPattern::new).toList();
    }

    /** Return the name of a message's type, if it is one of these. */
    Optional<String> typeOf(Object message) {
        return names.get(message.getClass());
    }
}
