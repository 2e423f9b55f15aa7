package org.llmgine.provider.offline.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/** Builds a value that is valid for a JSON Schema (draft 2020-12) out of what a prompt says. */
final class SchemaInstance {
    private static final int MAX_VALUES = 1_000;
    private static final int MAX_SIZE = 65_536;
    private static final int MAX_LENGTH = 10_000;
    private static final int MAX_DEPTH = 32;

    /** How many keywords, allowed values and candidates are looked at: a short schema can refer to itself very often. */
    private static final int MAX_WORK = 1_000_000;

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

    /** What a candidate for a number costs, which takes long arithmetic. */
    private static final int NUMBER_WORK = 5;

    private static final Pattern SHORT_NUMBER = Pattern.compile("-?\\d{1,18}(\\.\\d{1,18})?");

    private static final Set<String> TYPES =
            Set.of("object", "array", "integer", "number", "boolean", "null", "string");

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
    private final String subject;
    private final String field;
    private final List<BigDecimal> numbers;
    private final Set<BigDecimal> used = new HashSet<>();
    private final Map<JsonNode, Integer> searched = new IdentityHashMap<>();
    private final Map<String, Boolean> said = new HashMap<>();
    private final Map<String, Optional<String>> given = new HashMap<>();
    private int values;
    private int written;
    private long work;

    /** Which one of several different values is built. */
    private int variant;

    private SchemaInstance(
            JsonMapper json, JsonNode root, Prompt prompt, boolean strict, String subject, String field) {
        this.json = json;
        this.root = root;
        this.prompt = prompt;
        this.strict = strict;
        this.subject = subject;
        this.field = field;
        this.numbers = new ArrayList<>(prompt.numbers().stream()
                .filter(SchemaInstance::isShortNumber)
                .map(BigDecimal::new)
                .toList());
    }

    /**
     * Build an answer with all properties.
     *
     * @throws LlmgineException with {@code unsupported_field} when the schema has a keyword that is not known here, or with
     *     {@code invalid_request} when nothing is valid for it
     */
    static JsonNode strict(JsonMapper json, String schema, Prompt prompt) {
        JsonNode root;
        try {
            root = json.readTree(schema);
        } catch (JsonProcessingException e) {
            root = json.missingNode();
        }
        SchemaInstance instance =
                new SchemaInstance(json, root, prompt, true, "The schema", "response_format.json_schema.schema");
        if (root.isMissingNode()) {
            throw instance.invalid("is no JSON");
        }
        return instance.build();
    }

    /**
     * Build a tool's arguments: those that are required, and those that the prompt names.
     *
     * @throws LlmgineException as {@link #strict} does, but keywords that are not known here are passed over
     */
    static ObjectNode arguments(JsonMapper json, String tool, JsonNode schema, Prompt prompt) {
        String subject = "The schema of the tool '" + tool + "'";
        return new SchemaInstance(json, schema, prompt, false, subject, "tools").build() instanceof ObjectNode object
                ? object
                : json.createObjectNode();
    }

    private JsonNode build() {
        try {
            return build("", root, 0);
        } catch (LlmgineException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new LlmgineException(
                            ErrorCode.INVALID_REQUEST, subject + " is malformed: it can't be read to its end.", e)
                    .withField(field);
        }
    }

    private JsonNode build(String name, JsonNode schema, int depth) {
        if (++values > MAX_VALUES || depth > MAX_DEPTH) {
            throw tooLarge();
        }
        ObjectNode resolved = resolve(schema, depth, 0);
        if (resolved.has("const")) {
            return sized(resolved.get("const"));
        }
        if (resolved.has("enum")) {
            return sized(choose(name, resolved.get("enum")));
        }
        return switch (type(resolved)) {
            case "object" -> object(resolved, depth);
            case "array" -> array(name, resolved, depth);
            case "integer" ->
                sized(json.getNodeFactory()
                        .numberNode(number(name, schema, resolved, true).toBigInteger()));
            case "number" -> sized(json.getNodeFactory().numberNode(number(name, schema, resolved, false)));
            case "boolean" ->
                json.getNodeFactory()
                        .booleanNode(given(name)
                                .filter(value -> value.matches("(?i)false|no"))
                                .isEmpty());
            case "null" -> json.nullNode();
            default -> sized(json.getNodeFactory().textNode(string(name, resolved)));
        };
    }

    private JsonNode sized(JsonNode value) {
        grow(value.toString().length());
        return value;
    }

    private void grow(int characters) {
        written += characters;
        if (written > MAX_SIZE) {
            throw tooLarge();
        }
    }

    private void spend(int steps) {
        work += steps;
        if (work > MAX_WORK) {
            throw invalid("is too large or refers to itself too often");
        }
    }

    /** Follow references and merge alternatives into one schema. */
    private ObjectNode resolve(JsonNode schema, int depth, int steps) {
        ObjectNode resolved = json.createObjectNode();
        spend(1);
        if (schema.isBoolean() && !schema.booleanValue()) {
            throw invalid("allows no value at all somewhere");
        }
        if (!schema.isObject() && !schema.isBoolean() && !schema.isMissingNode()) {
            throw invalid("has a part that is neither an object nor true or false");
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
            check(keyword.getKey(), value);
            switch (keyword.getKey()) {
                case "$ref" -> merge(resolved, resolve(target(value.asText()), depth, steps + 1));
                case "allOf" -> value.forEach(part -> merge(resolved, resolve(part, depth, steps + 1)));
                case "anyOf", "oneOf" -> merge(resolved, resolve(alternative(value, depth), depth, steps + 1));
                default -> merge(resolved, json.createObjectNode().set(keyword.getKey(), value));
            }
        });
        return resolved;
    }

    private void check(String keyword, JsonNode value) {
        String wanted = switch (keyword) {
            case "$ref", "format" -> value.isTextual() ? "" : "a text";
            case "properties" -> value.isObject() ? "" : "an object";
            case "prefixItems" -> value.isArray() ? "" : "a list";
            case "allOf", "anyOf", "oneOf" ->
                value.isArray() && !value.isEmpty() ? "" : "a list of at least one schema";
            case "enum" -> value.isArray() && !value.isEmpty() ? "" : "a list of at least one value";
            case "required" ->
                value.isArray() && value.valueStream().allMatch(JsonNode::isTextual) ? "" : "a list of texts";
            case "type" ->
                TYPES.contains(value.asText())
                                || value.isArray()
                                        && !value.isEmpty()
                                        && value.valueStream().allMatch(each -> TYPES.contains(each.asText()))
                        ? ""
                        : "a type or a list of types";
            case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum" -> isNumber(value) ? "" : "a number";
            case "multipleOf" -> isNumber(value) && value.decimalValue().signum() > 0 ? "" : "a number above 0";
            case "minItems", "maxItems", "minLength", "maxLength" ->
                value.isNumber() && value.doubleValue() >= 0 && value.doubleValue() % 1 == 0
                        ? ""
                        : "a whole number from 0";
            case "uniqueItems" -> value.isBoolean() ? "" : "true or false";
            default -> "";
        };
        if (!wanted.isEmpty()) {
            throw invalid("is malformed: '" + keyword + "' must be " + wanted);
        }
    }

    /** Tell whether a value is a number that was not too large to be read. */
    private static boolean isNumber(JsonNode value) {
        return value.isNumber() && (value.isBigInteger() || Double.isFinite(value.doubleValue()));
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
            JsonNode value = keyword.getValue();
            spend(1 + value.size());
            // What a later part adds to goes into a copy; the rest is shared with the schema.
            switch (key) {
                case "properties" -> into.withObjectProperty(key).setAll((ObjectNode) value);
                case "required" -> into.withArrayProperty(key).addAll((ArrayNode) value);
                default -> into.set(key, value);
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
        Optional<String> wanted = given(name);
        List<JsonNode> chosen = new ArrayList<>();
        List<JsonNode> others = new ArrayList<>();
        for (JsonNode value : allowed) {
            boolean first = isSaid(value)
                    || wanted.filter(value.asText()::equalsIgnoreCase).isPresent();
            (first ? chosen : others).add(value);
        }
        chosen.addAll(others);
        return chosen.get(variant % chosen.size());
    }

    private boolean isSaid(JsonNode value) {
        return value.isTextual() && said.computeIfAbsent(value.textValue(), prompt::says);
    }

    private Optional<String> given(String name) {
        return given.computeIfAbsent(name, prompt::value);
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
            grow(name.length());
            object.set(name, build(name, property, depth + 1));
        }
        return object;
    }

    private boolean isIncluded(String name, JsonNode property, int depth) {
        if (strict) {
            return depth < FULL_DEPTH;
        }
        spend(1 + property.path("enum").size());
        return given(name).isPresent() || property.path("enum").valueStream().anyMatch(this::isSaid);
    }

    private ArrayNode array(String name, JsonNode schema, int depth) {
        JsonNode prefix = schema.path("prefixItems");
        int wanted = depth < FULL_DEPTH ? Math.max(1, prefix.size()) : 0;
        int least = count(schema, "minItems", 0);
        int most = count(schema, "maxItems", Integer.MAX_VALUE);
        if (least > most) {
            throw invalid("has a minItems above its maxItems");
        }
        int size = Math.max(least, Math.min(wanted, most));
        if (size > MAX_VALUES - values) {
            throw tooLarge();
        }
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

    private BigDecimal number(String name, JsonNode origin, JsonNode schema, boolean integer) {
        BigDecimal step = schema.has("multipleOf") ? schema.get("multipleOf").decimalValue() : BigDecimal.ONE;
        List<BigDecimal> candidates = new ArrayList<>();
        given(name).filter(SchemaInstance::isShortNumber).map(BigDecimal::new).ifPresent(candidates::add);
        candidates.addAll(numbers);
        candidates.add(BigDecimal.ZERO);
        List<BigDecimal> bounds = Stream.of("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")
                .filter(schema::has)
                .map(keyword -> schema.get(keyword).decimalValue())
                .toList();
        for (BigDecimal bound : bounds) {
            BigDecimal multiple = bound.divide(step, 0, RoundingMode.FLOOR).multiply(step);
            candidates.addAll(List.of(bound, multiple, multiple.add(step), multiple.subtract(step)));
        }
        if (bounds.size() > 1) {
            candidates.add(bounds.getFirst().add(bounds.getLast()).divide(BigDecimal.TWO));
        }
        BigDecimal found = different(origin, candidates, step, candidate -> isValid(candidate, schema, integer))
                .orElseThrow(() -> refused(
                        ErrorCode.UNSUPPORTED_FIELD, "The offline model finds no number within the schema's bounds."));
        numbers.removeIf(number -> number.compareTo(found) == 0);
        used.add(found);
        return found;
    }

    /** Return the first valid number, and for a further item of a list one that was not used yet if there is one. */
    private Optional<BigDecimal> different(
            JsonNode origin, List<BigDecimal> candidates, BigDecimal step, Predicate<BigDecimal> valid) {
        // Steps that an earlier item of the same schema went by lead to nothing new.
        int first = variant == 0 ? 0 : searched.getOrDefault(origin, 0);
        int last = variant == 0 ? 0 : first + used.size();
        Optional<BigDecimal> any = Optional.empty();
        for (int i = first; i <= last; i++) {
            BigDecimal distance = step.multiply(BigDecimal.valueOf(i));
            for (BigDecimal candidate : candidates) {
                spend(NUMBER_WORK);
                BigDecimal number = candidate.add(distance).stripTrailingZeros();
                if (valid.test(number)) {
                    any = any.or(() -> Optional.of(number));
                    if (variant == 0 || !used.contains(number)) {
                        searched.put(origin, i);
                        return Optional.of(number);
                    }
                }
            }
        }
        return any;
    }

    private static boolean isShortNumber(String text) {
        return SHORT_NUMBER.matcher(text).matches();
    }

    private static boolean isValid(BigDecimal value, JsonNode schema, boolean integer) {
        return (!integer || value.stripTrailingZeros().scale() <= 0)
                && (!schema.has("minimum")
                        || value.compareTo(schema.get("minimum").decimalValue()) >= 0)
                && (!schema.has("maximum")
                        || value.compareTo(schema.get("maximum").decimalValue()) <= 0)
                && (!schema.has("exclusiveMinimum")
                        || value.compareTo(schema.get("exclusiveMinimum").decimalValue()) > 0)
                && (!schema.has("exclusiveMaximum")
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
        String text = given(name)
                .or(() -> PLACE_NAME.matcher(name).find() ? prompt.place() : Optional.empty())
                .orElse(prompt.line());
        int least = count(schema, "minLength", 0);
        int most = count(schema, "maxLength", MAX_LENGTH);
        if (least > most && schema.has("maxLength")) {
            throw invalid("has a minLength above its maxLength");
        }
        if (least > MAX_LENGTH) {
            throw refused(ErrorCode.UNSUPPORTED_FIELD, "The offline model writes no text of " + least + " characters.");
        }
        String different = variant == 0 ? text : (variant + 1) + " " + text;
        int[] characters = different.codePoints().limit(most).toArray();
        return new String(characters, 0, characters.length) + ".".repeat(Math.max(0, least - characters.length));
    }

    private static int count(JsonNode schema, String keyword, int otherwise) {
        return (int) schema.path(keyword).asDouble(otherwise);
    }

    private LlmgineException tooLarge() {
        return invalid("asks for more than " + MAX_VALUES + " values, " + MAX_SIZE + " characters or " + MAX_DEPTH
                + " levels, which is more than the offline model writes");
    }

    private LlmgineException invalid(String problem) {
        return refused(ErrorCode.INVALID_REQUEST, subject + " " + problem + ".");
    }

    private LlmgineException refused(ErrorCode code, String message) {
        return new LlmgineException(code, message).withField(field);
    }
}
