package org.llmgine.api.tool;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Describe a tool to the host.
 *
 * @param <A> the type of the arguments
 * @param name the tool's name, unique in the host: up to 64 letters, digits, underscores and hyphens
 * @param description what the tool does and when to use it, for the model
 * @param argumentsType the arguments' type: a record, or Map when {@code schema} is given
 * @param schema the arguments' JSON Schema as JSON text; derived from the record when empty
 * @param timeout how long one call may take; the host's setting when empty
 * @param needsApproval whether a person must approve each call first
 */
public record ToolDefinition<A>(
        String name,
        String description,
        Class<? super A> argumentsType,
        Optional<String> schema,
        Optional<Duration> timeout,
        boolean needsApproval) {
    /** Check that all are given. */
    public ToolDefinition {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(description, "description");
        Objects.requireNonNull(argumentsType, "argumentsType");
        Objects.requireNonNull(schema, "schema");
        Objects.requireNonNull(timeout, "timeout");
    }

    /**
     * Define a tool whose arguments are a record. The host derives the JSON Schema: a component is required unless it is an
     * {@link Optional} or marked {@code @Nullable}; {@link Description} describes it; an enum lists its names.
     */
    public static <A extends Record> ToolDefinition<A> of(String name, String description, Class<A> argumentsType) {
        return new ToolDefinition<>(name, description, argumentsType, Optional.empty(), Optional.empty(), false);
    }

    /** Define a tool whose JSON Schema is known only at run time; its arguments come as JSON values. */
    public static ToolDefinition<Map<String, Object>> ofSchema(String name, String description, String schema) {
        return new ToolDefinition<>(name, description, Map.class, Optional.of(schema), Optional.empty(), false);
    }

    /** Return this definition with its own time limit. */
    public ToolDefinition<A> withTimeout(Duration timeout) {
        return new ToolDefinition<>(name, description, argumentsType, schema, Optional.of(timeout), needsApproval);
    }

    /**
     * Return this definition with a person's approval demanded before each call. A request that can't wait for one, as on
     * {@code /v1}, gets an error result.
     */
    public ToolDefinition<A> withApproval() {
        return new ToolDefinition<>(name, description, argumentsType, schema, timeout, true);
    }
}
