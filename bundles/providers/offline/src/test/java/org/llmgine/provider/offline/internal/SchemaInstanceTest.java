package org.llmgine.provider.offline.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

@Timeout(20)
class SchemaInstanceTest {
    private static final String PROMPT = "Ada is 36 and lives in London, with 2 cats; status: closed";

    private final JsonMapper json = JsonMapper.builder().build();

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"type":"string"}                                              | "Ada is 36 and lives in London, with 2 cats; status: closed"
                    {"type":"string","maxLength":3}                                | "Ada"
                    {"type":"string","minLength":60}                               | "Ada is 36 and lives in London, with 2 cats; status: closed.."
                    {"type":"string","format":"date"}                              | "2000-01-01"
                    {"type":"string","format":"uuid"}                              | "00000000-0000-4000-8000-000000000000"
                    {"type":"integer"}                                             | 36
                    {"type":"number"}                                              | 36
                    {"type":"integer","maximum":10}                                | 2
                    {"type":"integer","minimum":100}                               | 100
                    {"type":"integer","exclusiveMinimum":100}                      | 101
                    {"type":"integer","maximum":-5}                                | -5
                    {"type":"integer","exclusiveMaximum":-5}                       | -6
                    {"type":"integer","minimum":50,"multipleOf":7}                 | 56
                    {"type":"number","exclusiveMinimum":0.25,"exclusiveMaximum":0.5} | 0.375
                    {"multipleOf":0.5,"maximum":-0.7}                              | -1
                    {"type":"boolean"}                                             | true
                    {"type":"null"}                                                | null
                    {"type":["null","integer"]}                                    | 36
                    {"type":["null"]}                                              | null
                    {"const":{"a":[1]}}                                            | {"a":[1]}
                    {"enum":["open","closed"]}                                     | "closed"
                    {"enum":["x","y"]}                                             | "x"
                    {"enum":[1,2]}                                                 | 1
                    {"type":"array","items":{"type":"integer"}}                    | [36]
                    {"type":"array","items":{"type":"integer"},"minItems":3}       | [36,2,0]
                    {"type":"array","items":{"type":"integer","minimum":1,"maximum":2},"minItems":3} | [2,1,1]
                    {"type":"array","minItems":2,"items":{"type":"array","minItems":3,"items":{"type":"integer"}}} | [[36,2,0],[1,3,4]]
                    {"type":"array","items":{"type":"string"},"maxItems":0}        | []
                    {"type":"array","items":false}                                 | []
                    {"prefixItems":[{"type":"integer"},{"const":"b"}],"items":false} | [36,"b"]
                    {"type":"array","uniqueItems":true,"minItems":2,"items":{"enum":["a","b"]}} | ["a","b"]
                    {"type":"array","uniqueItems":true,"minItems":2,"items":{"type":"string","maxLength":3}} | ["Ada","2 A"]
                    {"properties":{"city":{"type":"string"},"cats":{"type":"integer","maximum":5}}} | {"city":"London","cats":2}
                    {"properties":{"status":{"type":"string"}},"required":["status","more"]} | {"status":"closed","more":"Ada is 36 and lives in London, with 2 cats; status: closed"}
                    {"type":"object","required":["n"],"additionalProperties":{"type":"integer"}} | {"n":36}
                    {"$ref":"#/$defs/n","$defs":{"n":{"type":"integer"}}}          | 36
                    {"allOf":[{"properties":{"a":{"const":1}},"required":["a"]},{"properties":{"b":{"const":2}},"required":["b"]}]} | {"a":1,"b":2}
                    {"anyOf":[{"type":"null"},{"type":"integer"}]}                 | 36
                    {"oneOf":[{"type":"integer"},{"type":"string"}]}               | 36
                    {"oneOf":[{"type":"null"}]}                                    | null
                    true                                                           | "Ada is 36 and lives in London, with 2 cats; status: closed"
                    """)
    void buildsWhatIsValid(String schema, String expected) throws Exception {
        JsonNode instance = strict(schema);

        assertThat(instance.toString()).isEqualTo(expected);
        assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                        .getSchema(schema)
                        .validate(json.readTree(instance.toString())))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // A tree whose children are optional, one whose end is null, and one whose end is an empty list.
                """
                {"$ref":"#/$defs/node","$defs":{"node":{"type":"object","additionalProperties":false,
                 "properties":{"name":{"type":"string"},"next":{"$ref":"#/$defs/node"}},"required":["name"]}}}""",
                """
                {"type":"object","properties":{"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},"required":["next"]}""",
                """
                {"type":"object","properties":{"children":{"type":"array","items":{"$ref":"#"}}},"required":["children"]}""",
            })
    void endsASchemaThatContainsItself(String schema) throws Exception {
        JsonNode instance = strict(schema);

        assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                        .getSchema(schema)
                        .validate(instance))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"type":"string","pattern":"^a"}                  | unsupported_field | keyword 'pattern'
                    {"properties":{"a":{"not":{}}}}                   | unsupported_field | keyword 'not'
                    {"type":"string","minLength":1000000}             | unsupported_field | 1000000 characters
                    {"type":"integer","minimum":1,"maximum":0}        | unsupported_field | no number
                    {"type":"array","uniqueItems":true,"minItems":2,"items":{"const":1}} | unsupported_field | 2 different
                    {"type":"array","minItems":1000000,"items":{}}    | invalid_request   | more than
                    {"properties":{"a":{"$ref":"#"}},"required":["a"]} | invalid_request  | more than
                    {"$ref":"#"}                                      | invalid_request   | refers to itself
                    {"$ref":"#/$defs/none"}                           | invalid_request   | '#/$defs/none'
                    {"$ref":"https://example.org/schema"}             | invalid_request   | refers to
                    {"enum":[]}                                       | invalid_request   | 'enum' must be a list of at least one
                    {"enum":5}                                        | invalid_request   | 'enum' must be
                    {"type":"string","maxLength":-1}                  | invalid_request   | 'maxLength' must be a whole number from 0
                    {"type":"string","minLength":1.5}                 | invalid_request   | 'minLength' must be
                    {"type":"array","maxItems":"x"}                   | invalid_request   | 'maxItems' must be
                    {"type":"string","minLength":3,"maxLength":2}     | invalid_request   | minLength above
                    {"type":"array","minItems":3,"maxItems":2}        | invalid_request   | minItems above
                    {"type":"array","uniqueItems":1}                  | invalid_request   | 'uniqueItems' must be
                    {"type":"number","minimum":1e999}                 | invalid_request   | 'minimum' must be a number
                    {"type":"number","maximum":"5"}                   | invalid_request   | 'maximum' must be a number
                    {"type":"text"}                                   | invalid_request   | 'type' must be a type
                    {"type":[]}                                       | invalid_request   | 'type' must be a type
                    {"type":["null",5]}                               | invalid_request   | 'type' must be a type
                    {"format":5}                                      | invalid_request   | 'format' must be
                    {"$ref":5}                                        | invalid_request   | '$ref' must be
                    {"anyOf":[]}                                      | invalid_request   | 'anyOf' must be
                    {"allOf":{}}                                      | invalid_request   | 'allOf' must be
                    {"prefixItems":{}}                                | invalid_request   | 'prefixItems' must be
                    {"allOf":[{"properties":{"a":{}}},{"properties":5}]} | invalid_request | 'properties' must be an object
                    {"allOf":[{"required":["a"]},{"required":5}]}     | invalid_request   | 'required' must be a list of texts
                    {"required":[5]}                                  | invalid_request   | 'required' must be a list of texts
                    {"properties":{"a":5}}                            | invalid_request   | neither an object nor
                    5                                                 | invalid_request   | neither an object nor
                    ''                                                | invalid_request   | no JSON
                    {"type":"array","minItems":9999,"items":{"type":"number"}} | invalid_request | more than 1000 values
                    {"type":"array","minItems":20,"items":{"minLength":9999}} | invalid_request | 65536 characters
                    {"multipleOf":0}                                  | invalid_request   | multipleOf
                    false                                             | invalid_request   | no value
                    {broken                                           | invalid_request   | no JSON
                    """)
    void refusesWhatItCannotBuild(String schema, String code, String message) {
        assertThatThrownBy(() -> strict(schema))
                .hasMessageContaining(message)
                .hasNoCause()
                .isInstanceOfSatisfying(LlmgineException.class, e -> {
                    assertThat(e.code().name()).isEqualTo(code);
                    assertThat(e.field()).contains("response_format.json_schema.schema");
                });
    }

    @Test
    void isLenientWithToolArguments() throws Exception {
        JsonNode schema = json.readTree("""
                {"type":"object","required":["id"],"properties":{
                  "id":{"type":"string","pattern":"^a"},"other":{"type":"integer"},"loud":{"type":"boolean"}}}""");

        assertThat(SchemaInstance.arguments(json, "t", schema, Prompt.of("id: a1, loud: no"))
                        .toString())
                .isEqualTo("{\"id\":\"a1\",\"loud\":false}");
        assertThat(SchemaInstance.arguments(json, "t", json.readTree("{}"), Prompt.of("x")))
                .isEmpty();
    }

    @Test
    void boundsItsWorkOnSchemasThatReferToThemselvesOften() {
        String definitions = IntStream.range(0, 14)
                .mapToObj(i -> "\"a%d\":{\"allOf\":[%s]}"
                        .formatted(
                                i,
                                String.join(
                                        ",", Collections.nCopies(9, "{\"$ref\":\"#/$defs/a%d\"}".formatted(i + 1)))))
                .collect(Collectors.joining(","));

        assertThatThrownBy(() -> strict("{\"$ref\":\"#/$defs/a0\",\"$defs\":{" + definitions + ",\"a14\":{}}}"))
                .isInstanceOf(LlmgineException.class)
                .hasMessage("The schema is too large or refers to itself too often.");
    }

    @Test
    void findsWhatIsSaidAmongVeryManyAllowedValues() {
        String values =
                IntStream.range(0, 200_000).mapToObj(i -> "\"value" + i + "\"").collect(Collectors.joining(","));
        Prompt prompt = Prompt.of("word ".repeat(780) + "It is Value199998.");

        assertThat(SchemaInstance.strict(json, "{\"enum\":[" + values + "]}", prompt)
                        .asText())
                .isEqualTo("value199998");
    }

    @Test
    void readsNoNumberThatIsTooLongToCalculateWith() throws Exception {
        assertThat(SchemaInstance.strict(json, "{\"type\":\"integer\"}", Prompt.of("9".repeat(3_000) + " and 7"))
                        .toString())
                .isEqualTo("7");
    }

    @Test
    void writesManyDifferentNumbers() {
        JsonNode numbers = strict("""
                {"type":"array","minItems":900,"uniqueItems":true,"items":{"type":"integer"}}""");

        assertThat(numbers).hasSize(900);
    }

    @Test
    void letsNothingButItsOwnErrorsOutWhateverTheSchema() throws Exception {
        List<String> schemas = List.of("""
                {"type":"object","required":["name","n"],"additionalProperties":false,"properties":{
                 "name":{"type":"string","minLength":2,"maxLength":9,"format":"date"},
                 "n":{"type":["integer","null"],"minimum":1,"exclusiveMaximum":99,"multipleOf":3},
                 "status":{"enum":["open","closed",5]},"kind":{"const":"k"}}}""", """
                {"type":"array","minItems":2,"maxItems":4,"uniqueItems":true,"prefixItems":[{"type":"boolean"}],
                 "items":{"anyOf":[{"type":"number","maximum":7.5},{"type":"null"}]}}""", """
                {"allOf":[{"$ref":"#/$defs/a"},{"properties":{"b":{"oneOf":[{"const":2}]}},"required":["b"]}],
                 "$defs":{"a":{"properties":{"a":{"items":{"$ref":"#/$defs/a"}}},"required":["a"]}}}""");
        List<String> junk = List.of(
                "5",
                "-1",
                "0",
                "1.5",
                "1e999",
                "-1e999",
                "1e308",
                "5e-324",
                "99999999999999999999",
                "null",
                "true",
                "false",
                "\"\"",
                "\"x\"",
                "\"#\"",
                "\"#/\"",
                "\"array\"",
                "\"integer\"",
                "[]",
                "[5]",
                "[null]",
                "[[]]",
                "[\"a\"]",
                "{}",
                "{\"a\":5}",
                "{\"$ref\":\"#\"}",
                "[{\"required\":5}]",
                "{\"\":{\"\":[]}}");
        Random random = new Random(20_260_101);
        int built = 0;
        int refused = 0;

        for (int round = 0; round < 6_000; round++) {
            JsonNode schema = json.readTree(schemas.get(round % schemas.size()));
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                change(schema, random, json.readTree(junk.get(random.nextInt(junk.size()))));
            }
            try {
                if (random.nextBoolean()) {
                    strict(schema.toString());
                } else {
                    SchemaInstance.arguments(json, "t", schema, Prompt.of(PROMPT));
                }
                built++;
            } catch (LlmgineException e) {
                refused++;
                assertThat(e.code()).isIn(ErrorCode.INVALID_REQUEST, ErrorCode.UNSUPPORTED_FIELD);
                assertThat(e.field()).isPresent();
                assertThat(e).as(schema.toString()).hasNoCause();
            }
        }

        assertThat(built).isGreaterThan(500);
        assertThat(refused).isGreaterThan(500);
    }

    /** Replace a value somewhere in the schema. */
    private static void change(JsonNode schema, Random random, JsonNode replacement) {
        List<JsonNode> parents = new ArrayList<>(List.of(schema));
        for (int i = 0; i < parents.size(); i++) {
            parents.get(i).valueStream().filter(value -> !value.isEmpty()).forEach(parents::add);
        }
        JsonNode parent = parents.get(random.nextInt(parents.size()));
        int at = random.nextInt(parent.size());
        if (parent instanceof ObjectNode object) {
            object.set(
                    object.propertyStream().skip(at).findFirst().orElseThrow().getKey(), replacement);
        } else {
            ((ArrayNode) parent).set(at, replacement);
        }
    }

    private JsonNode strict(String schema) {
        return SchemaInstance.strict(json, schema, Prompt.of(PROMPT));
    }
}
