package org.llmgine.bus.internal;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.llmgine.api.LlmgineException;

/**
 * What is chosen of things of one kind: all that is included, or simply all when nothing is, less what is excluded.
 *
 * @param <T> the kind
 */
record Choice<T>(List<Predicate<T>> include, List<Predicate<T>> exclude) {
    /**
     * Make a choice of the settings {@code include} and {@code exclude}.
     *
     * @param rule makes a rule of one value; what it throws gets the name of the setting
     */
    static <T> Choice<T> of(String[] include, String[] exclude, Function<String, Predicate<T>> rule) {
        return new Choice<>(rules("include", include, rule), rules("exclude", exclude, rule));
    }

    private static <T> List<Predicate<T>> rules(String field, String[] values, Function<String, Predicate<T>> rule) {
        try {
            return Arrays.stream(values).map(rule).toList();
        } catch (LlmgineException e) {
            throw e.withField(field);
        }
    }

    boolean takes(T thing) {
        return exclude.stream().noneMatch(rule -> rule.test(thing))
                && (include.isEmpty() || include.stream().anyMatch(rule -> rule.test(thing)));
    }
}
