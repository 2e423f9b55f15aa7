package org.llmgine.core.internal;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Is a value in a file that is nothing but the name of a variable, {@code $[env:NAME;default=…]}.
 *
 * @param otherwise the default; empty for none
 */
record Placeholder(String variable, String otherwise) {
    private static final Pattern FORM =
            Pattern.compile("\\s*\\$\\[env:([^;\\[\\]]+)(?:;type=[^;\\[\\]]*)?(?:;default=([^\\[\\]]*))?]\\s*");

    static Optional<Placeholder> of(@Nullable Object value) {
        if (value instanceof String text) {
            Matcher matcher = FORM.matcher(text);
            if (matcher.matches()) {
                String otherwise = matcher.group(2);
                return Optional.of(new Placeholder(matcher.group(1), otherwise == null ? "" : otherwise));
            }
        }
        return Optional.empty();
    }

    /** Return the variable's value, if it has one. */
    Optional<String> value(Map<String, String> environment) {
        return Optional.ofNullable(environment.get(variable)).filter(value -> !value.isBlank());
    }
}
