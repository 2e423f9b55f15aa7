package org.llmgine.core.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/** Checks arguments against a schema that the tool itself gave: required names and the types of the first level. */
final class SchemaArguments implements ArgumentBinding {
    private final JsonNode properties;
    private final List<String> required;
    private final boolean takesMore;
    private final ArgumentCoercion coercion;

    /**
     * Make a binding.
     *
     * @throws LlmgineException when the schema isn't the JSON of an object type
     */
    SchemaArguments(String schema, ObjectMapper json, ArgumentCoercion coercion) {
        JsonNode root;
        try {
            root = json.readTree(schema);
        } catch (JsonProcessingException e) {
            throw new LlmgineException(
                    ErrorCode.PLUGIN_FAILED, "The tool's schema is not valid JSON: " + e.getOriginalMessage());
        }
        if (!root.path("type").asText().equals("object")) {
            throw new LlmgineException(ErrorCode.PLUGIN_FAILED, "The tool's schema must have the type 'object'.");
        }
        properties = root.path("properties");
        required = StreamSupport.stream(root.path("required").spliterator(), false)
                .map(JsonNode::asText)
                .toList();
        JsonNode additional = root.path("additionalProperties");
        takesMore = !additional.isBoolean() || additional.booleanValue();
        this.coercion = coercion;
    }

    @Override
    public Map<String, @Nullable Object> bind(String arguments) {
        Map<String, @Nullable Object> given = coercion.read(arguments);
        List<String> missing =
                required.stream().filter(name -> given.get(name) == null).toList();
        if (!missing.isEmpty()) {
            throw ArgumentCoercion.missing(missing);
        }
        Map<String, @Nullable Object> bound = new LinkedHashMap<>();
        given.forEach((name, value) -> {
            if (properties.has(name)) {
                bound.put(name, value == null ? null : value(value, properties.get(name), name));
            } else if (takesMore) {
                bound.put(name, value);
            }
        });
        return Collections.unmodifiableMap(bound);
    }

    private Object value(Object value, JsonNode schema, String name) {
        Object coerced = switch (schema.path("type").asText()) {
            case "string" -> ArgumentCoercion.text(value, name);
            case "integer" -> ArgumentCoercion.integer(value, name, Long.MIN_VALUE, Long.MAX_VALUE);
            case "number" -> ArgumentCoercion.number(value, name);
            case "boolean" -> ArgumentCoercion.bool(value, name);
            case "array" -> coercion.list(value, name);
            case "object" -> coercion.object(value, name);
            default -> value;
        };
        JsonNode allowed = schema.path("enum");
        if (allowed.isArray()
                && StreamSupport.stream(allowed.spliterator(), false)
                        .noneMatch(constant -> constant.asText().equals(coerced.toString()))) {
            throw ArgumentCoercion.wrong(name, "one of " + allowed, value);
        }
        return coerced;
    }
}
