package org.llmgine.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lays out an object for a person: a line for each field that has a value. */
final class Fields {
    private Fields() {}

    @SuppressWarnings("unchecked") // names in JSON are strings
    static List<String> lines(Object object) {
        List<String> lines = new ArrayList<>();
        if (object instanceof Map<?, ?> fields) {
            int width = fields.keySet().stream()
                    .mapToInt(name -> name.toString().length())
                    .max()
                    .orElse(0);
            fields.forEach((name, value) -> {
                String text = value instanceof Map<?, ?> map ? json((Map<String, ?>) map) : text(value);
                if (!text.isEmpty()) {
                    lines.add(name + " ".repeat(width - name.toString().length() + 2) + Text.line(text));
                }
            });
        }
        return lines;
    }

    private static String json(Map<String, ?> value) {
        return value.isEmpty() ? "" : Json.write(value);
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }
}
