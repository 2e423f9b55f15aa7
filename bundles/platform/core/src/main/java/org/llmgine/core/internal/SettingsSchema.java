package org.llmgine.core.internal;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;

/** Draws a JSON Schema from a form. */
final class SettingsSchema {
    private static final String DRAFT = "https://json-schema.org/draft/2020-12/schema";

    private SettingsSchema() {}

    /** Return the schema as plain Java values. */
    static Map<String, Object> of(SettingsForm form) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", DRAFT);
        schema.put("title", form.name());
        schema.put("description", form.description());
        schema.put("type", "object");
        Map<String, Object> properties = new LinkedHashMap<>();
        form.fields().forEach(field -> properties.put(field.id(), property(field)));
        schema.put("properties", properties);
        schema.put(
                "required",
                form.fields().stream()
                        .filter(SettingsForm.Field::isNeeded)
                        .map(SettingsForm.Field::id)
                        .toList());
        schema.put("additionalProperties", false);
        return schema;
    }

    private static Map<String, Object> property(SettingsForm.Field field) {
        Map<String, Object> property = new LinkedHashMap<>();
        property.put("title", field.name());
        if (!field.description().isEmpty()) {
            property.put("description", field.description());
        }
        if (field.cardinality() == 0) {
            property.putAll(value(field));
        } else {
            long most = Math.abs((long) field.cardinality());
            property.put("type", "array");
            property.put("items", value(field));
            if (most < Integer.MAX_VALUE) {
                property.put("maxItems", most);
            }
        }
        if (field.isSecret()) {
            property.put("writeOnly", true);
        } else {
            field.goodPreset().ifPresent(preset -> property.put("default", preset));
        }
        return property;
    }

    private static Map<String, Object> value(SettingsForm.Field field) {
        Map<String, Object> value = new LinkedHashMap<>();
        boolean number = field.isNumber();
        value.put("type", field.isWhole() ? "integer" : number ? "number" : field.isBoolean() ? "boolean" : "string");
        if (field.isSecret()) {
            value.put("format", "password");
        }
        field.min().ifPresent(bound -> value.put(number ? "minimum" : "minLength", plain(bound)));
        field.max().ifPresent(bound -> value.put(number ? "maximum" : "maxLength", plain(bound)));
        if (field.type().equals("Character")) {
            value.put("minLength", 1);
            value.put("maxLength", 1);
        }
        if (!field.options().isEmpty()) {
            value.put(
                    "enum",
                    field.options().stream()
                            .filter(option -> field.problem(option).isEmpty())
                            .map(field::one)
                            .toList());
        }
        return value;
    }

    private static Number plain(BigDecimal bound) {
        return bound.stripTrailingZeros().scale() <= 0 ? (Number) bound.longValue() : (Number) bound.doubleValue();
    }
}
