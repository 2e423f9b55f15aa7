package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.tool.Description;

/** A tool's arguments: the schema of a record, and the binding by the rules of the original. */
class ArgumentsTest {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    enum Unit {
        CELSIUS,
        FAHRENHEIT
    }

    @Description("A place on earth.")
    record Place(@Description("Its name.") String name, Optional<Double> height) {}

    record Everything(
            @Description("Some text.") String text,
            int number,
            Long big,
            double share,
            Float small,
            boolean flag,
            BigDecimal exact,
            BigInteger huge,
            Unit unit,
            List<Integer> numbers,
            Set<String> words,
            Map<String, Integer> counts,
            Place place,
            List<Place> places,
            Object anything,
            Optional<String> maybe,
            OptionalInt maybeInt,
            OptionalLong maybeLong,
            OptionalDouble maybeDouble,
            @Nullable String nullable) {}

    record One(Object value) {}

    record Whole(int value) {}

    record Truth(boolean value) {}

    record Numbers(List<Integer> value) {}

    record Measured(Unit value) {}

    record Inner(Whole value) {}

    record Picky(int value) {
        Picky {
            if (value < 0) {
                throw new IllegalArgumentException("The value must not be negative.");
            }
        }
    }

    record Failing(int value) {
        Failing {
            if (value < 0) {
                throw new AssertionError("broken");
            }
        }
    }

    record Unsupported(List<Thread> threads) {}

    record Tree(String name, List<Tree> children) {}

    @Test
    void theSchemaSaysWhatTheRecordSays() throws JsonProcessingException {
        assertThat(JSON.readTree(ArgumentSchema.of(Everything.class))).isEqualTo(JSON.readTree("""
                                {"$defs": {"Place": {"type": "object", "description": "A place on earth.",
                                   "properties": {
                                     "name": {"type": "string", "description": "Its name."},
                                     "height": {"type": "number"}},
                                   "required": ["name"], "additionalProperties": false}},
                                 "type": "object",
                                 "properties": {
                                  "text": {"type": "string", "description": "Some text."},
                                  "number": {"type": "integer"}, "big": {"type": "integer"},
                                  "share": {"type": "number"}, "small": {"type": "number"},
                                  "flag": {"type": "boolean"},
                                  "exact": {"type": "number"}, "huge": {"type": "integer"},
                                  "unit": {"type": "string", "enum": ["CELSIUS", "FAHRENHEIT"]},
                                  "numbers": {"type": "array", "items": {"type": "integer"}},
                                  "words": {"type": "array", "items": {"type": "string"}},
                                  "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
                                  "place": {"$ref": "#/$defs/Place"},
                                  "places": {"type": "array", "items": {"$ref": "#/$defs/Place"}},
                                  "anything": {},
                                  "maybe": {"type": "string"}, "maybeInt": {"type": "integer"},
                                  "maybeLong": {"type": "integer"}, "maybeDouble": {"type": "number"},
                                  "nullable": {"type": "string"}},
                                 "required": ["anything", "big", "counts", "exact", "flag", "huge", "number",
                                  "numbers", "place", "places", "share", "small", "text", "unit", "words"],
                                 "additionalProperties": false}
                                """));
    }

    @Test
    void aRecordThatHoldsItselfHasASchemaAndIsBound() {
        assertThat(ArgumentSchema.of(Tree.class)).contains("$ref");
        assertThat(bind(Tree.class, "{\"name\": \"a\", \"children\": [{\"name\": \"b\", \"children\": []}]}"))
                .isEqualTo(new Tree("a", List.of(new Tree("b", List.of()))));
    }

    @Test
    void aWholeRecordIsBoundAsItWasMeant() {
        Object bound = bind(Everything.class, """
                {"text": 5, "number": "5", "big": 5.0, "share": "2.5", "small": 1, "flag": "yes",
                 "exact": 0.1, "huge": "12345678901234567890", "unit": "celsius",
                 "numbers": "[1, \\"2\\"]", "words": ["a", "b", "a"], "counts": "{\\"a\\": \\"1\\"}",
                 "place": "{\\"name\\": \\"Ulm\\"}", "places": [{"name": "Bonn", "height": 60}],
                 "anything": {"x": [1]}, "maybe": "m", "maybeInt": "1", "maybeLong": 2, "maybeDouble": "3.5",
                 "nullable": "n", "unknown": "dropped"}
                """);

        assertThat(bound)
                .isEqualTo(new Everything(
                        "5",
                        5,
                        5L,
                        2.5,
                        1f,
                        true,
                        new BigDecimal("0.1"),
                        new BigInteger("12345678901234567890"),
                        Unit.CELSIUS,
                        List.of(1, 2),
                        Set.of("a", "b"),
                        Map.of("a", 1),
                        new Place("Ulm", Optional.empty()),
                        List.of(new Place("Bonn", Optional.of(60.0))),
                        Map.of("x", List.of(1)),
                        Optional.of("m"),
                        OptionalInt.of(1),
                        OptionalLong.of(2),
                        OptionalDouble.of(3.5),
                        "n"));
    }

    @Test
    void whatMayBeLeftOutMayBeLeftOut() {
        record Options(
                Optional<Unit> unit,
                OptionalInt i,
                OptionalLong l,
                OptionalDouble d,
                @Nullable Integer n) {}

        for (String nothing : List.of("", "  ", "{}", "{\"unit\": null, \"n\": null, \"i\": null}")) {
            assertThat(bind(Options.class, nothing))
                    .isEqualTo(new Options(
                            Optional.empty(), OptionalInt.empty(), OptionalLong.empty(), OptionalDouble.empty(), null));
        }
    }

    @Test
    void whatIsMissingIsNamed() {
        assertRefused(Place.class, "{}", "Missing required argument: name.");
        assertRefused(Inner.class, "{\"value\": {}}", "Missing required argument: value.value.");
        record Two(String a, String b) {}
        assertRefused(Two.class, "{\"a\": null}", "Missing required arguments: a, b.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"__raw__\"", "nonsense", "{} {}", "{'a': 1}"})
    void whatIsNoJsonIsSaidToBeNone(String arguments) {
        assertThatThrownBy(() -> bind(Whole.class, arguments))
                .hasMessageStartingWith("The arguments are not valid JSON");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1]", "5", "\"text\"", "null"})
    void whatIsNoObjectIsRefused(String arguments) {
        assertThatThrownBy(() -> bind(Whole.class, arguments)).hasMessageContaining("must be an object");
    }

    @ParameterizedTest
    @CsvSource({"5,5", "5.0,5", "'\"5\"',5", "'\" 7 \"',7", "5e1,50", "-2147483648,-2147483648"})
    void wholeNumbers(String json, int expected) {
        assertThat(bind(Whole.class, "{\"value\": " + json + "}")).isEqualTo(new Whole(expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"5.5", "\"five\"", "true", "[]", "{}", "2147483648", "\"1e999999999\"", "\"\""})
    void noWholeNumbers(String json) {
        assertThatThrownBy(() -> bind(Whole.class, "{\"value\": " + json + "}"))
                .isInstanceOfSatisfying(LlmgineException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                    assertThat(e.field()).contains("value");
                });
    }

    @ParameterizedTest
    @CsvSource({
        "true,true",
        "1,true",
        "'\"yes\"',true",
        "'\"Y\"',true",
        "'\"t\"',true",
        "'\"TRUE\"',true",
        "'\"on\"',true",
        "false,false",
        "0,false",
        "'\"no\"',false",
        "'\"n\"',false",
        "'\"F\"',false",
        "'\"off\"',false"
    })
    void truths(String json, boolean expected) {
        assertThat(bind(Truth.class, "{\"value\": " + json + "}")).isEqualTo(new Truth(expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"maybe\"", "2", "\"\"", "[]"})
    void noTruths(String json) {
        assertThatThrownBy(() -> bind(Truth.class, "{\"value\": " + json + "}"))
                .hasMessageContaining("must be true or false");
    }

    @Test
    void whatCanNotBeMeantIsRefusedByName() {
        assertRefused(
                Measured.class,
                "{\"value\": \"kelvin\"}",
                "The argument 'value' must be one of CELSIUS, FAHRENHEIT, not 'kelvin'.");
        assertRefused(
                Numbers.class, "{\"value\": [1, \"x\"]}", "The argument 'value[1]' must be a whole number, not 'x'.");
        assertRefused(Numbers.class, "{\"value\": \"a, b\"}", "The argument 'value' must be a list, not 'a, b'.");
        assertRefused(Place.class, "{\"name\": [\"x\"]}", "The argument 'name' must be text, not '[x]'.");
        assertRefused(
                Place.class,
                "{\"name\": \"x\", \"height\": \"" + "9".repeat(80) + "x\"}",
                "The argument 'height' must be a number, not '" + "9".repeat(60) + "…'.");
        assertRefused(Picky.class, "{\"value\": -1}", "The arguments are refused: The value must not be negative.");
        record Huge(BigInteger value) {}
        assertRefused(Huge.class, "{\"value\": 1.5}", "The argument 'value' must be a whole number, not '1.5'.");
        assertThatThrownBy(() -> bind(Failing.class, "{\"value\": -1}")).isInstanceOf(AssertionError.class);
        assertThat(bind(One.class, "{\"value\": 1.50}")).isEqualTo(new One(new BigDecimal("1.50")));
        record Text(String value) {}
        assertThat(bind(Text.class, "{\"value\": 1.50}")).isEqualTo(new Text("1.50"));
    }

    @Test
    void aTypeThatJsonCanNotBeMadeIntoIsRefusedWhenTheToolIsRegistered() {
        assertThatThrownBy(() -> new RecordArguments(Unsupported.class, new ArgumentCoercion(JSON)))
                .hasMessageStartingWith("Arguments can't have the type java.lang.Thread");
    }

    @Test
    void argumentsByASchemaOfTheToolsOwn() {
        SchemaArguments binding = schema("""
                {"type": "object", "required": ["city"], "properties": {
                  "city": {"type": "string"}, "days": {"type": "integer"}, "share": {"type": "number"},
                  "deep": {"type": "boolean"}, "tags": {"type": "array"}, "more": {"type": "object"},
                  "unit": {"type": "string", "enum": ["c", "f"]}, "any": {}},
                 "additionalProperties": false}
                """);

        assertThat(binding.bind("""
                                {"city": 7, "days": "3", "share": "0.5", "deep": "y", "tags": "[1]", "more": "{}",
                                 "unit": "c", "any": [], "other": 1}
                                """))
                .isEqualTo(Map.of(
                        "city",
                        "7",
                        "days",
                        3L,
                        "share",
                        new BigDecimal("0.5"),
                        "deep",
                        true,
                        "tags",
                        List.of(1),
                        "more",
                        Map.of(),
                        "unit",
                        "c",
                        "any",
                        List.of()));
        assertThat(binding.bind("{\"city\": \"x\", \"days\": null}")).containsEntry("days", null);
        assertThatThrownBy(() -> binding.bind("")).hasMessage("Missing required argument: city.");
        assertThatThrownBy(() -> binding.bind("{\"city\": \"x\", \"unit\": \"k\"}"))
                .hasMessageContaining("one of [\"c\",\"f\"]");
    }

    @Test
    void aSchemaThatTakesMoreKeepsWhatItDoesNotName() {
        assertThat(schema("{\"type\": \"object\"}").bind("{\"x\": 1}")).isEqualTo(Map.of("x", 1));
        assertThat(schema("{\"type\": \"object\", \"additionalProperties\": true}")
                        .bind("{\"x\": 1}"))
                .isEqualTo(Map.of("x", 1));
        assertThat(schema("{\"type\": \"object\", \"additionalProperties\": {}}")
                        .bind("{\"x\": 1}"))
                .isEqualTo(Map.of("x", 1));
        assertThatThrownBy(() -> schema("{\"type\": \"string\"}")).hasMessageContaining("type 'object'");
        assertThatThrownBy(() -> schema("nonsense")).hasMessageContaining("not valid JSON");
    }

    private static SchemaArguments schema(String schema) {
        return new SchemaArguments(schema, JSON, new ArgumentCoercion(JSON));
    }

    private static Object bind(Class<?> type, String arguments) {
        return new RecordArguments(type, new ArgumentCoercion(JSON)).bind(arguments);
    }

    private static void assertRefused(Class<?> type, String arguments, String message) {
        assertThatThrownBy(() -> bind(type, arguments))
                .isInstanceOf(LlmgineException.class)
                .hasMessage(message);
    }
}
