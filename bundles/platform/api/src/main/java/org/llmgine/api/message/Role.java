package org.llmgine.api.message;

import java.util.Objects;

/**
 * Say who speaks in a {@link Message}.
 *
 * @param name the role as wire protocols spell it
 */
public record Role(String name) {
    /** Instructions for the model. */
    public static final Role SYSTEM = new Role("system");

    /** The person or program that asks. */
    public static final Role USER = new Role("user");

    /** The model. */
    public static final Role ASSISTANT = new Role("assistant");

    /** The result of a tool call. */
    public static final Role TOOL = new Role("tool");

    /** Check the name. */
    public Role {
        Objects.requireNonNull(name, "name");
    }
}
