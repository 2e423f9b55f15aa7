package org.llmgine.http.internal;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/**
 * A value in a request with its path, so that every complaint names the place.
 *
 * @param node the value
 * @param path for example {@code messages[2].content}; empty for the whole body
 */
record At(JsonNode node, String path) {
    private static final int MAX_LABEL = 256;

    At get(String name) {
        return new At(node.path(name), path.isEmpty() ? name : path + "." + name);
    }

    /** Whether there is a value; null counts as none. */
    boolean given() {
        return !node.isMissingNode() && !node.isNull();
    }

    Optional<At> optional() {
        return given() ? Optional.of(this) : Optional.empty();
    }

    boolean isText() {
        return node.isTextual();
    }

    String string() {
        return node.isTextual() ? node.textValue() : fail("a string");
    }

    /** A string that isn't empty. */
    String text(String expected) {
        String value = string();
        if (value.isEmpty()) {
            throw invalid("must be " + expected);
        }
        return value;
    }

    /** A short string for people: a name, a password, a label. */
    String label() {
        String value = string();
        if (value.length() > MAX_LABEL) {
            throw invalid("must have at most " + MAX_LABEL + " characters, got " + value.length());
        }
        if (value.chars().anyMatch(Character::isISOControl)) {
            throw invalid("must not have control characters");
        }
        return value;
    }

    /** One of several words. */
    String oneOf(String... words) {
        String value = string();
        for (String word : words) {
            if (word.equals(value)) {
                return value;
            }
        }
        throw invalid("must be one of " + String.join(", ", words) + ", got " + quoted());
    }

    boolean bool() {
        return node.isBoolean() ? node.booleanValue() : fail("true or false");
    }

    int integer(int min) {
        if (!node.isIntegralNumber()) {
            return fail("a whole number");
        }
        if (!node.canConvertToInt() || node.intValue() < min) {
            throw invalid("must be a whole number from " + min + " to " + Integer.MAX_VALUE + ", got "
                    + Problem.value(node.toString()));
        }
        return node.intValue();
    }

    long wholeNumber() {
        if (!node.isIntegralNumber()) {
            return fail("a whole number");
        }
        if (!node.canConvertToLong()) {
            BigInteger value = node.bigIntegerValue();
            throw invalid("must fit into 64 bits, got " + Problem.value(value.toString()));
        }
        return node.longValue();
    }

    double number(double min, double max) {
        double value = node.isNumber() ? node.doubleValue() : fail("a number");
        if (!(value >= min && value <= max)) {
            throw invalid(
                    "must be from " + plain(min) + " to " + plain(max) + ", got " + Problem.value(node.toString()));
        }
        return value;
    }

    At object() {
        return node.isObject() ? this : fail("an object");
    }

    List<At> items() {
        if (!node.isArray()) {
            return fail("an array");
        }
        List<At> items = new ArrayList<>(node.size());
        for (int i = 0; i < node.size(); i++) {
            items.add(new At(node.get(i), path + "[" + i + "]"));
        }
        return items;
    }

    void fields(BiConsumer<String, At> consumer) {
        node.properties().forEach(field -> consumer.accept(field.getKey(), get(field.getKey())));
    }

    /** Refuse any other field, lest a mistyped one be taken as left out. */
    At only(String... names) {
        fields((name, value) -> {
            if (!List.of(names).contains(name)) {
                throw value.invalid("is no field of this request, which takes " + String.join(", ", names));
            }
        });
        return this;
    }

    <T> T fail(String expected) {
        if (node.isMissingNode()) {
            throw invalid("is missing; it must be " + expected);
        }
        throw invalid("must be " + expected + ", got " + kind(node));
    }

    LlmgineException invalid(String what) {
        return complaint(ErrorCode.INVALID_REQUEST, what);
    }

    LlmgineException unsupported(String what) {
        return complaint(ErrorCode.UNSUPPORTED_FIELD, what);
    }

    private LlmgineException complaint(ErrorCode code, String what) {
        String place = Problem.value(path);
        return new LlmgineException(code, place + ": " + what + ".").withField(place);
    }

    static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "an array";
            case BOOLEAN -> "a boolean";
            case NULL -> "null";
            case NUMBER -> "a number";
            case OBJECT -> "an object";
            case STRING -> "a string";
            default -> "nothing";
        };
    }

    /** The string as a complaint shows it. */
    String quoted() {
        return '"' + Problem.value(string()) + '"';
    }

    private static String plain(double bound) {
        return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
    }
}
