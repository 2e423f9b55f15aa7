package org.llmgine.http.internal;

import java.util.regex.Pattern;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/** Understands numbers in addresses and headers. */
final class Numbers {
    private static final Pattern PLAIN = Pattern.compile("0|[1-9][0-9]{0,17}");

    private Numbers() {}

    /**
     * Read a whole number.
     *
     * @param name what is named when it is none
     */
    static long in(String name, String text, long min, long max) {
        long value = PLAIN.matcher(text).matches() ? Long.parseLong(text) : -1;
        if (value < min || value > max) {
            throw new LlmgineException(
                            ErrorCode.INVALID_REQUEST,
                            name + ": must be a whole number from " + min + " to " + max + ", got "
                                    + Problem.value(text) + ".")
                    .withField(name);
        }
        return value;
    }
}
