package org.llmgine.api.message;

import java.util.Objects;

/**
 * Ask for a tool.
 *
 * @param id the call's id, unique within its message; the result refers to it
 * @param name the tool's name
 * @param arguments the arguments as JSON text as the model wrote it: possibly empty, possibly not valid
 */
public record ToolCall(String id, String name, String arguments) {
    /** Check that all are given. */
    public ToolCall {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(arguments, "arguments");
    }
}
