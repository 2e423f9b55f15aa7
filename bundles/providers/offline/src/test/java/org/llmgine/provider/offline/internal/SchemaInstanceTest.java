package org.llmgine.provider.offline.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
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
                    {"enum":[]}                                       | invalid_request   | empty enum
                    {"multipleOf":0}                                  | invalid_request   | multipleOf
                    false                                             | invalid_request   | no value
                    {broken                                           | invalid_request   | no JSON
                    """)
    void refusesWhatItCannotBuild(String schema, String code, String message) {
        assertThatThrownBy(() -> strict(schema))
                .hasMessageContaining(message)
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

        assertThat(SchemaInstance.arguments(json, schema, Prompt.of("id: a1, loud: no"))
                        .toString())
                .isEqualTo("{\"id\":\"a1\",\"loud\":false}");
        assertThat(SchemaInstance.arguments(json, json.readTree("{}"), Prompt.of("x")))
                .isEmpty();
    }

    private JsonNode strict(String schema) {
        return SchemaInstance.strict(json, schema, Prompt.of(PROMPT));
    }
}
