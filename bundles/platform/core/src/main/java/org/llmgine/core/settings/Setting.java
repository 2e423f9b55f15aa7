package org.llmgine.core.settings;

import java.util.Optional;

/**
 * Tell of one setting of a configuration.
 *
 * @param name its name
 * @param value what is in force: a text, a number, a boolean or a list of these; empty for none, and for a secret
 * @param secret whether its value is never told
 * @param set whether there is a value
 * @param stored whether one is stored, which may yield to another
 * @param origin where the value comes from: {@link #STORED}, {@link #FILE}, {@link #VARIABLE}, {@link #OTHER} or {@link #DEFAULT}
 * @param source the file's or the variable's name; empty for others
 * @param problem what is wrong with the value, in whose place the last good one or the default serves
 */
public record Setting(
        String name,
        Optional<Object> value,
        boolean secret,
        boolean set,
        boolean stored,
        String origin,
        String source,
        Optional<String> problem) {
    /** It was set through the host and is stored. */
    public static final String STORED = "stored";

    /** It stands in a file in {@code etc}. */
    public static final String FILE = "file";

    /** It is an environment variable's. */
    public static final String VARIABLE = "variable";

    /** It was put into Configuration Admin by somebody else. */
    public static final String OTHER = "other";

    /** Nobody set it. */
    public static final String DEFAULT = "default";
}
