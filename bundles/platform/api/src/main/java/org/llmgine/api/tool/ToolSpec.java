package org.llmgine.api.tool;

import java.util.Objects;

/**
 * Hold what a model is shown of a tool.
 *
 * @param name the tool's name: up to 64 letters, digits, underscores and hyphens
 * @param description what the tool does, possibly empty
 * @param parameters the arguments' JSON Schema (draft 2020-12) as JSON text, an object type
 * @param strict whether the back-end must keep the arguments to the schema exactly
 */
public record ToolSpec(String name, String description, String parameters, boolean strict) {
    /** Check that all are given. */
    public ToolSpec {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(description, "description");
        Objects.requireNonNull(parameters, "parameters");
    }
}
