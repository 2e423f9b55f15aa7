package org.llmgine.provider.offline.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/** Builds a value that is valid for a JSON Schema (draft 2020-12) out of what a prompt says. */
final class SchemaInstance {
    private static final int MAX_VALUES = 10_000;
    private static final int MAX_LENGTH = 10_000;
    private static final int MAX_DEPTH = 32;

    /** Deeper than this only what is required is built, so that a schema that contains itself comes to an end. */
    private static final int FULL_DEPTH = 4;

    private static final Set<String> UNKNOWN_KEYWORDS = Set.of(
            "$dynamicRef",
            "contains",
            "dependentRequired",
            "dependentSchemas",
            "if",
            "maxProperties",
            "minProperties",
            "not",
            "pattern",
            "patternProperties",
            "propertyNames");

    private static final Map<String, String> FORMATS = Map.of(
            "date", "2000-01-01",
            "date-time", "2000-01-01T00:00:00Z",
            "time", "00:00:00Z",
            "duration", "P1D",
            "email", "someone@example.org",
            "hostname", "example.org",
            "ipv4", "192.0.2.1",
            "ipv6", "2001:db8::1",
            "uri", "https://example.org/",
            "uuid", "00000000-0000-4000-8000-000000000000");

    private static final Pattern PLACE_NAME =
            Pattern.compile("city|town|place|location|country|region", Pattern.CASE_INSENSITIVE);

    private final JsonMapper json;
    private final JsonNode root;
    private final Prompt prompt;
    private final boolean strict;
    private final List<BigDecimal> numbers;
    private final Set<BigDecimal> used = new HashSet<>();
    private int values;

    /** Which one of several different values is built. */
    private int variant;

    private SchemaInstance(JsonMapper json, JsonNode root, Prompt prompt, boolean strict) {
        this.json = json;
        this.root = root;
        this.prompt = prompt;
        this.strict = strict;
        this.numbers =
                new ArrayList<>(prompt.numbers().stream().map(BigDecimal::new).toList());
    }

    /**
     * Build an answer with all properties.
     *
     * @throws LlmgineException with {@code unsupported_field} when the schema has a keyword that is not known here, or with
     *     {@code invalid_request} when nothing is valid for it
     */
    static JsonNode strict(JsonMapper json, String schema, Prompt prompt) {
        try {
            return new SchemaInstance(json, json.readTree(schema), prompt, true).build("", json.readTree(schema), 0);
        } catch (JsonProcessingException e) {
            throw refused(ErrorCode.INVALID_REQUEST, "The schema is no JSON.");
        }
    }

    /** Build a tool's arguments: those that are required, and those that the prompt names. */
    static ObjectNode arguments(JsonMapper json, JsonNode schema, Prompt prompt) {
        return new SchemaInstance(json, schema, prompt, false).build("", schema, 0) instanceof ObjectNode object
                ? object
                : json.createObjectNode();
    }

    private JsonNode build(String name, JsonNode schema, int depth) {
        if (++values > MAX_VALUES || depth > MAX_DEPTH) {
            throw invalid("asks for more than " + MAX_VALUES + " values, or for more than " + MAX_DEPTH + " levels");
        }
        ObjectNode resolved = resolve(schema, depth, 0);
        if (resolved.has("const")) {
            return resolved.get("const");
        }
        if (resolved.path("enum").isArray()) {
            return choose(name, resolved.get("enum"));
        }
        return switch (type(resolved)) {
            case "object" -> object(resolved, depth);
            case "array" -> array(name, resolved, depth);
            case "integer" ->
                json.getNodeFactory().numberNode(number(name, resolved, true).toBigInteger());
            case "number" -> json.getNodeFactory().numberNode(number(name, resolved, false));
            case "boolean" ->
                json.getNodeFactory()
                        .booleanNode(prompt.value(name)
                                .filter(value -> value.matches("(?i)false|no"))
                                .isEmpty());
            case "null" -> json.nullNode();
            default -> json.getNodeFactory().textNode(string(name, resolved));
        };
    }

    /** Follow references and merge alternatives into one schema. */
    private ObjectNode resolve(JsonNode schema, int depth, int steps) {
        ObjectNode resolved = json.createObjectNode();
        if (schema.isBoolean() && !schema.booleanValue()) {
            throw invalid("allows no value at all somewhere");
        }
        if (steps > MAX_DEPTH) {
            throw invalid("refers to itself without an end");
        }
        schema.properties().forEach(keyword -> {
            if (strict && UNKNOWN_KEYWORDS.contains(keyword.getKey())) {
                throw refused(
                        ErrorCode.UNSUPPORTED_FIELD,
                        "The offline model doesn't know the schema keyword '" + keyword.getKey() + "'.");
            }
            JsonNode value = keyword.getValue();
            switch (keyword.getKey()) {
                case "$ref" -> merge(resolved, resolve(target(value.asText()), depth, steps + 1));
                case "allOf" -> value.forEach(part -> merge(resolved, resolve(part, depth, steps + 1)));
                case "anyOf", "oneOf" -> merge(resolved, resolve(alternative(value, depth), depth, steps + 1));
                default -> merge(resolved, json.createObjectNode().set(keyword.getKey(), value));
            }
        });
        return resolved;
    }

    private JsonNode target(String reference) {
        JsonNode target = reference.equals("#")
                ? root
                : reference.startsWith("#/") ? root.at(reference.substring(1)) : json.missingNode();
        if (target.isMissingNode()) {
            throw invalid("refers to '" + reference + "', which it doesn't contain");
        }
        return target;
    }

    /** Choose the first alternative that isn't null, and deep down the one that is. */
    private static JsonNode alternative(JsonNode alternatives, int depth) {
        for (JsonNode alternative : alternatives) {
            if (alternative.path("type").asText().equals("null") == depth > FULL_DEPTH) {
                return alternative;
            }
        }
        return alternatives.path(0);
    }

    private void merge(ObjectNode into, ObjectNode from) {
        from.properties().forEach(keyword -> {
            String key = keyword.getKey();
            JsonNode old = into.path(key);
            if (key.equals("properties") && old instanceof ObjectNode properties) {
                properties.setAll((ObjectNode) keyword.getValue());
            } else if (key.equals("required") && old instanceof ArrayNode required) {
                required.addAll((ArrayNode) keyword.getValue());
            } else {
                into.set(key, keyword.getValue().deepCopy());
            }
        });
    }

    private static String type(JsonNode schema) {
        JsonNode type = schema.path("type");
        if (type.isTextual()) {
            return type.textValue();
        }
        if (type.isArray()) {
            return type.valueStream()
                    .map(JsonNode::asText)
                    .filter(each -> !each.equals("null"))
                    .findFirst()
                    .orElse("null");
        }
        if (Stream.of("properties", "required", "additionalProperties").anyMatch(schema::has)) {
            return "object";
        }
        if (Stream.of("items", "prefixItems", "minItems").anyMatch(schema::has)) {
            return "array";
        }
        return Stream.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
                        .anyMatch(schema::has)
                ? "number"
                : "string";
    }

    private JsonNode choose(String name, JsonNode allowed) {
        Optional<String> given = prompt.value(name);
        List<JsonNode> values = new ArrayList<>();
        allowed.forEach(values::add);
        List<JsonNode> said = values.stream()
                .filter(value -> value.isTextual() && prompt.says(value.textValue())
                        || given.filter(value.asText()::equalsIgnoreCase).isPresent())
                .toList();
        values.removeAll(said);
        values.addAll(0, said);
        if (values.isEmpty()) {
            throw invalid("has an empty enum");
        }
        return values.get(variant % values.size());
    }

    private ObjectNode object(JsonNode schema, int depth) {
        JsonNode properties = schema.path("properties");
        Set<String> required = new LinkedHashSet<>();
        schema.path("required").forEach(name -> required.add(name.asText()));
        Set<String> names = new LinkedHashSet<>();
        properties.fieldNames().forEachRemaining(names::add);
        names.removeIf(name -> !required.contains(name) && !isIncluded(name, properties.get(name), depth));
        names.addAll(required);
        ObjectNode object = json.createObjectNode();
        for (String name : names) {
            JsonNode property = properties.has(name) ? properties.get(name) : schema.path("additionalProperties");
            object.set(name, build(name, property, depth + 1));
        }
        return object;
    }

    private boolean isIncluded(String name, JsonNode property, int depth) {
        if (strict) {
            return depth < FULL_DEPTH;
        }
        return prompt.value(name).isPresent()
                || property.path("enum")
                        .valueStream()
                        .anyMatch(value -> value.isTextual() && prompt.says(value.asText()));
    }

    private ArrayNode array(String name, JsonNode schema, int depth) {
        JsonNode prefix = schema.path("prefixItems");
        int wanted = depth < FULL_DEPTH ? Math.max(1, prefix.size()) : 0;
        int least = schema.path("minItems").asInt(0);
        int size = Math.max(least, Math.min(wanted, schema.path("maxItems").asInt(Integer.MAX_VALUE)));
        ArrayNode array = json.createArrayNode();
        int before = variant;
        for (int i = 0; i < size; i++) {
            variant = before + i;
            JsonNode item = i < prefix.size() ? prefix.get(i) : schema.path("items");
            if (item.isBoolean() && !item.booleanValue() && i >= least) {
                break;
            }
            array.add(build(name, item, depth + 1));
        }
        variant = before;
        Set<JsonNode> different = new HashSet<>();
        array.forEach(different::add);
        if (schema.path("uniqueItems").asBoolean() && different.size() < array.size()) {
            throw refused(
                    ErrorCode.UNSUPPORTED_FIELD,
                    "The offline model can't find " + size + " different items for a list.");
        }
        return array;
    }

    private BigDecimal number(String name, JsonNode schema, boolean integer) {
        BigDecimal step = schema.has("multipleOf") ? schema.get("multipleOf").decimalValue() : BigDecimal.ONE;
        if (step.signum() <= 0) {
            throw invalid("has a multipleOf that isn't positive");
        }
        List<BigDecimal> candidates = new ArrayList<>();
        prompt.value(name)
                .filter(value -> value.matches("-?\\d{1,18}(\\.\\d{1,18})?"))
                .map(BigDecimal::new)
                .ifPresent(candidates::add);
        candidates.addAll(numbers);
        candidates.add(BigDecimal.ZERO);
        List<BigDecimal> bounds = Stream.of("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")
                .filter(keyword -> schema.path(keyword).isNumber())
                .map(keyword -> schema.get(keyword).decimalValue())
                .toList();
        for (BigDecimal bound : bounds) {
            BigDecimal multiple = bound.divide(step, 0, RoundingMode.FLOOR).multiply(step);
            candidates.addAll(List.of(bound, multiple, multiple.add(step), multiple.subtract(step)));
        }
        if (bounds.size() > 1) {
            candidates.add(bounds.getFirst().add(bounds.getLast()).divide(BigDecimal.TWO));
        }
        BigDecimal found = IntStream.rangeClosed(0, variant)
                .mapToObj(BigDecimal::valueOf)
                .flatMap(i -> candidates.stream().map(candidate -> candidate.add(step.multiply(i))))
                .filter(candidate -> isValid(candidate, schema, integer))
                .map(BigDecimal::stripTrailingZeros)
                .filter(candidate -> variant == 0 || !used.contains(candidate))
                .findFirst()
                .orElseThrow(() -> refused(
                        ErrorCode.UNSUPPORTED_FIELD, "The offline model finds no number within the schema's bounds."));
        numbers.removeIf(number -> number.compareTo(found) == 0);
        used.add(found);
        return found;
    }

    private static boolean isValid(BigDecimal value, JsonNode schema, boolean integer) {
        return (!integer || value.stripTrailingZeros().scale() <= 0)
                && (!schema.has("minimum")
                        || value.compareTo(schema.get("minimum").decimalValue()) >= 0)
                && (!schema.has("maximum")
                        || value.compareTo(schema.get("maximum").decimalValue()) <= 0)
                && (!schema.path("exclusiveMinimum").isNumber()
                        || value.compareTo(schema.get("exclusiveMinimum").decimalValue()) > 0)
                && (!schema.path("exclusiveMaximum").isNumber()
                        || value.compareTo(schema.get("exclusiveMaximum").decimalValue()) < 0)
                && (!schema.has("multipleOf")
                        || value.remainder(schema.get("multipleOf").decimalValue())
                                        .signum()
                                == 0);
    }

    private String string(String name, JsonNode schema) {
        String format = FORMATS.get(schema.path("format").asText());
        if (format != null) {
            return format;
        }
        String text = prompt.value(name)
                .or(() -> PLACE_NAME.matcher(name).find() ? prompt.place() : Optional.empty())
                .orElse(prompt.line());
        int least = schema.path("minLength").asInt(0);
        int most = schema.path("maxLength").asInt(MAX_LENGTH);
        if (least > MAX_LENGTH) {
            throw refused(ErrorCode.UNSUPPORTED_FIELD, "The offline model writes no text of " + least + " characters.");
        }
        String different = variant == 0 ? text : (variant + 1) + " " + text;
        int[] characters = different.codePoints().limit(most).toArray();
        return new String(characters, 0, characters.length) + ".".repeat(Math.max(0, least - characters.length));
    }

    private static LlmgineException invalid(String problem) {
        return refused(ErrorCode.INVALID_REQUEST, "The schema " + problem + ".");
    }

    private static LlmgineException refused(ErrorCode code, String message) {
        return new LlmgineException(code, message).withField("response_format.json_schema.schema");
    }
}
