package org.llmgine.api.model;

import java.util.Objects;

/**
 * Demand JSON.
 *
 * @param name a name for the schema, possibly empty
 * @param schema the JSON Schema that the answer must keep to, as JSON text; empty when any JSON object will do
 * @param strict whether the back-end must keep to the schema exactly
 */
public record ResponseFormat(String name, String schema, boolean strict) {
    /** Any JSON object. */
    public static final ResponseFormat JSON_OBJECT = new ResponseFormat("", "", false);

    /** Check that both are given. */
    public ResponseFormat {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(schema, "schema");
    }
}
