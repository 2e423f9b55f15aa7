package org.llmgine.core.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/**
 * Makes of what a model wrote what was meant: models quote numbers, and write lists as text.
 *
 * <p>What can't be meant is an {@code invalid_request} that names the argument.
 */
final class ArgumentCoercion {
    private static final Set<String> TRUE = Set.of("1", "true", "yes", "y", "t", "on");
    private static final Set<String> FALSE = Set.of("0", "false", "no", "n", "f", "off");
    private static final int MAX_DIGITS = 1_000;

    private final ObjectMapper json;

    ArgumentCoercion(ObjectMapper json) {
        this.json = json;
    }

    /** Read the arguments as a model wrote them; nothing at all is no arguments. */
    Map<String, @Nullable Object> read(String arguments) {
        if (arguments.isBlank()) {
            return Map.of();
        }
        Object value;
        try {
            value = json.readValue(arguments, Object.class);
        } catch (JsonProcessingException e) {
            throw new LlmgineException(
                    ErrorCode.INVALID_REQUEST, "The arguments are not valid JSON: " + e.getOriginalMessage());
        }
        return object(value, "arguments");
    }

    static String text(Object value, String name) {
        if (value instanceof BigDecimal number) {
            return number.toPlainString();
        }
        if (value instanceof String || value instanceof Number || value instanceof Boolean) {
            return value.toString();
        }
        throw wrong(name, "text", value);
    }

    static long integer(Object value, String name, long min, long max) {
        try {
            long number = decimal(value, name, "a whole number").longValueExact();
            if (number >= min && number <= max) {
                return number;
            }
        } catch (ArithmeticException e) {
            // Said below.
        }
        throw wrong(name, "a whole number between " + min + " and " + max, value);
    }

    static BigInteger bigInteger(Object value, String name) {
        try {
            return decimal(value, name, "a whole number").toBigIntegerExact();
        } catch (ArithmeticException e) {
            throw wrong(name, "a whole number", value);
        }
    }

    static BigDecimal number(Object value, String name) {
        return decimal(value, name, "a number");
    }

    private static BigDecimal decimal(Object value, String name, String expected) {
        try {
            if (value instanceof Number || value instanceof String) {
                BigDecimal number = new BigDecimal(value.toString().strip());
                // A few characters can stand for more digits than there is memory.
                if (Math.abs((long) number.scale()) <= MAX_DIGITS && number.precision() <= MAX_DIGITS) {
                    return number;
                }
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw wrong(name, expected, value);
    }

    static boolean bool(Object value, String name) {
        if (value instanceof Boolean bool) {
            return bool;
        }
        String word = value.toString().strip().toLowerCase(Locale.ROOT);
        if (TRUE.contains(word)) {
            return true;
        }
        if (FALSE.contains(word)) {
            return false;
        }
        throw wrong(name, "true or false", value);
    }

    static Object constant(Object value, Class<?> type, String name) {
        Enum<?>[] constants = (Enum<?>[]) type.getEnumConstants();
        return Arrays.stream(constants)
                .filter(constant ->
                        constant.name().equalsIgnoreCase(value.toString().strip()))
                .findFirst()
                .orElseThrow(() -> wrong(
                        name,
                        "one of " + Arrays.stream(constants).map(Enum::name).collect(Collectors.joining(", ")),
                        value));
    }

    List<@Nullable Object> list(Object value, String name) {
        if (parsed(value) instanceof List<?> list) {
            @SuppressWarnings("unchecked")
            List<@Nullable Object> elements = (List<@Nullable Object>) list;
            return elements;
        }
        throw wrong(name, "a list", value);
    }

    Map<String, @Nullable Object> object(@Nullable Object value, String name) {
        if (parsed(value) instanceof Map<?, ?> map) {
            @SuppressWarnings("unchecked")
            Map<String, @Nullable Object> members = (Map<String, @Nullable Object>) map;
            return members;
        }
        throw wrong(name, "an object", value);
    }

    private @Nullable Object parsed(@Nullable Object value) {
        if (value instanceof String text) {
            try {
                return json.readValue(text, Object.class);
            } catch (JsonProcessingException e) {
                return value;
            }
        }
        return value;
    }

    static LlmgineException missing(List<String> names) {
        return new LlmgineException(
                ErrorCode.INVALID_REQUEST,
                "Missing required argument" + (names.size() > 1 ? "s" : "") + ": " + String.join(", ", names) + ".");
    }

    static LlmgineException wrong(String name, String expected, @Nullable Object value) {
        String shown = String.valueOf(value);
        shown = shown.length() > 60 ? shown.substring(0, 60) + "…" : shown;
        return new LlmgineException(
                        ErrorCode.INVALID_REQUEST,
                        "The argument '" + name + "' must be " + expected + ", not '" + shown + "'.")
                .withField(name);
    }
}
