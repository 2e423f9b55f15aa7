package org.llmgine.http.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.message.FilePart;
import org.llmgine.api.message.ImagePart;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ResponseFormat;
import org.llmgine.api.model.ToolChoice;
import org.llmgine.api.tool.ToolSpec;

class ChatRequestReaderTest {
    private static final String HI = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";

    private final Json json = new Json();
    private final ChatRequestReader reader = new ChatRequestReader(json, model -> model.equals("fake/open"));

    @Test
    void aPromptIsEnough() {
        ChatRequest request = read("{" + HI + "}");

        assertThat(request.stream()).isFalse();
        assertThat(request.includeUsage()).isFalse();
        assertThat(request.model())
                .isEqualTo(ModelRequest.builder("default")
                        .messages(List.of(Message.user("Hi")))
                        .build());
    }

    @Test
    void everyOptionArrivesTyped() {
        ModelRequest request = read("""
                        {"model":"fake/plain","messages":[{"role":"user","content":"Hi"}],
                         "tools":[{"type":"function","function":{"name":"add","description":"Adds.","strict":true,
                                   "parameters":{"type":"object","properties":{"a":{"type":"number"}}}}},
                                  {"type":"function","function":{"name":"now"}}],
                         "tool_choice":{"type":"function","function":{"name":"add"}},"parallel_tool_calls":false,
                         "response_format":{"type":"json_schema","json_schema":{"name":"answer","description":"The answer.",
                                            "schema":{"type":"object"},"strict":true}},
                         "max_completion_tokens":7,"temperature":0.5,"top_p":0.9,"frequency_penalty":-1,"presence_penalty":1.5,
                         "seed":-9000000000,"stop":["a","b"],"reasoning_effort":"low","n":1,"stream":false}
                        """).model();

        assertThat(request.tools())
                .containsExactly(
                        new ToolSpec(
                                "add",
                                "Adds.",
                                "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"number\"}}}",
                                true),
                        new ToolSpec("now", "", "{\"type\":\"object\",\"properties\":{}}", false));
        assertThat(request.toolChoice()).isEqualTo(ToolChoice.of("add"));
        assertThat(request.parallelToolCalls()).hasValue(false);
        assertThat(request.responseFormat())
                .hasValue(new ResponseFormat("answer", "{\"type\":\"object\",\"description\":\"The answer.\"}", true));
        assertThat(request.maxTokens()).isEqualTo(OptionalInt.of(7));
        assertThat(request.temperature()).isEqualTo(OptionalDouble.of(0.5));
        assertThat(request.topP()).isEqualTo(OptionalDouble.of(0.9));
        assertThat(request.frequencyPenalty()).isEqualTo(OptionalDouble.of(-1));
        assertThat(request.presencePenalty()).isEqualTo(OptionalDouble.of(1.5));
        assertThat(request.seed()).isEqualTo(OptionalLong.of(-9_000_000_000L));
        assertThat(request.stop()).containsExactly("a", "b");
        assertThat(request.reasoningEffort()).hasValue("low");
        assertThat(request.extensions()).isEmpty();
    }

    @Test
    void everyKindOfMessageArrives() {
        List<Message> messages = read("""
                        {"messages":[
                          {"role":"system","content":"Be brief."},
                          {"role":"developer","content":[{"type":"text","text":"Be kind."}]},
                          {"role":"user","name":"ann","content":[{"type":"text","text":"See"},
                            {"type":"image_url","image_url":{"url":"https://x/y.png","detail":"low"}},
                            {"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}},
                            {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,AA=="}},
                            {"type":"file","file":{"file_id":"file-1"}}]},
                          {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function",
                            "function":{"name":"add","arguments":"{}"}}]},
                          {"role":"tool","tool_call_id":"c1","content":"4"},
                          {"role":"assistant","content":[{"type":"refusal","refusal":"No."}],"reasoning_content":"Hm."}]}
                        """).model().messages();

        assertThat(messages)
                .containsExactly(
                        Message.system("Be brief."),
                        Message.system("Be kind."),
                        new Message(
                                Role.USER,
                                List.of(
                                        new TextPart("See"),
                                        new ImagePart("https://x/y.png", "low"),
                                        new ImagePart("data:image/png;base64,AA==", "auto"),
                                        new FilePart("a.pdf", "data:application/pdf;base64,AA=="),
                                        new FilePart("", "file-1")),
                                List.of(),
                                Optional.empty(),
                                Map.of("name", "ann")),
                        Message.assistant("", List.of(new ToolCall("c1", "add", "{}"))),
                        Message.tool("c1", "4"),
                        new Message(
                                Role.ASSISTANT,
                                List.of(new TextPart("No.")),
                                List.of(),
                                Optional.empty(),
                                Map.of("reasoning_content", "Hm.")));
    }

    @Test
    void nullIsTakenAsAbsent() {
        ModelRequest request = read("{" + HI
                        + ",\"model\":null,\"tools\":null,\"tool_choice\":null,\"stop\":null,\"seed\":null,\"stream\":null,"
                        + "\"logprobs\":null,\"response_format\":null,\"unknown\":null}")
                .model();

        assertThat(request.model()).isEqualTo("default");
        assertThat(request.extensions()).isEmpty();
    }

    @Test
    void usageIsIncludedWhenAStreamAsksForIt() {
        assertThat(read("{" + HI + ",\"stream\":true,\"stream_options\":{\"include_usage\":true}}")
                        .includeUsage())
                .isTrue();
        assertThat(read("{" + HI + ",\"stream\":true,\"stream_options\":{}}").includeUsage())
                .isFalse();
    }

    @Test
    void oneStopIsAListOfOne() {
        assertThat(read("{" + HI + ",\"stop\":\"end\"}").model().stop()).containsExactly("end");
    }

    @ParameterizedTest
    @CsvSource({"auto,auto", "none,none"})
    void aToolChoiceInAWordNeedsNoTools(String word, String mode) {
        assertThat(read("{" + HI + ",\"tool_choice\":\"" + word + "\"}")
                        .model()
                        .toolChoice()
                        .mode())
                .isEqualTo(mode);
    }

    @Test
    void requiredToolsAndAnyJsonAreUnderstood() {
        ModelRequest request = read("{" + HI
                        + ",\"tool_choice\":\"required\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"t\"}}],"
                        + "\"response_format\":{\"type\":\"json_object\"}}")
                .model();

        assertThat(request.toolChoice()).isEqualTo(ToolChoice.REQUIRED);
        assertThat(request.responseFormat()).hasValue(ResponseFormat.JSON_OBJECT);
        assertThat(read("{" + HI + ",\"response_format\":{\"type\":\"text\"}}")
                        .model()
                        .responseFormat())
                .isEmpty();
    }

    @Test
    void anUndocumentedFieldIsAnExtension() {
        ModelRequest request =
                read("{" + HI + ",\"top_k\":5,\"deep\":{\"a\":[1,null,\"x\"]}}").model();

        assertThat(request.extensions()).containsEntry("top_k", 5).containsKey("deep");
        assertThat(request.extensions().get("deep")).hasToString("{a=[1, null, x]}");
    }

    @ParameterizedTest
    @EnumSource(
            value = ChatField.class,
            names = {"LOGIT_BIAS", "METADATA", "PREDICTION", "SERVICE_TIER", "STORE", "VERBOSITY", "WEB_SEARCH_OPTIONS"
            })
    void aFieldForExtensionsIsPassedOrRefused(ChatField field) {
        String body = "{" + HI + ",\"" + field.fieldName() + "\":{\"x\":1},\"model\":\"%s\"}";

        assertThat(read(body.formatted("fake/open")).model().extensions()).containsKey(field.fieldName());
        LlmgineException refused = refused(body.formatted("fake/plain"));
        assertThat(refused.code().name()).isEqualTo("unsupported_field");
        assertThat(refused.field()).hasValue(field.fieldName());
        assertThat(refused).hasMessageContaining("fake/plain");
    }

    @ParameterizedTest
    @ValueSource(strings = {"user", "safety_identifier", "prompt_cache_key", "prompt_cache_retention"})
    void aFieldThatCantChangeTheAnswerIsPassedToAnyone(String field) {
        assertThat(read("{" + HI + ",\"" + field + "\":\"x\"}").model().extensions())
                .containsEntry(field, "x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"audio\":{}",
                "\"modalities\":[\"text\",\"audio\"]",
                "\"logprobs\":true",
                "\"top_logprobs\":2",
                "\"functions\":[{}]",
                "\"function_call\":{\"name\":\"x\"}"
            })
    void aFieldThatCantBeHonouredIsRefusedByName(String field) {
        LlmgineException refused = refused("{" + HI + ",\"model\":\"fake/open\"," + field + "}");

        assertThat(refused.code().name()).isEqualTo("unsupported_field");
        assertThat(field).startsWith("\"" + refused.field().orElseThrow() + "\"");
    }

    @Test
    void whatOnlyTheBackEndKnowsOfAMessageStaysWithIt() {
        ModelRequest request = read("""
                {"messages":[
                  {"role":"user","content":"Hi","name":"ann"},
                  {"role":"assistant","content":"Hm.","reasoning_content":"Well…","refusal":null,"cache":{"ttl":5},
                   "tool_calls":[{"id":"c","type":"function","function":{"name":"t","arguments":"{}"}}]},
                  {"role":"tool","tool_call_id":"c","content":"5","is_error":false}]}
                """).model();

        assertThat(request.messages())
                .extracting(Message::extensions)
                .containsExactly(
                        Map.of("name", "ann"),
                        Map.of(Message.REASONING_CONTENT, "Well…", "cache", Map.of("ttl", 5)),
                        Map.of("is_error", false));
    }

    @Test
    void whatAsksForTheUsualIsNoExtensionAndNotRefused() {
        ModelRequest request = read("{" + HI
                        + ",\"logprobs\":false,\"top_logprobs\":0,\"modalities\":[\"text\"],\"functions\":[],\"store\":false,"
                        + "\"function_call\":\"auto\",\"service_tier\":\"auto\",\"verbosity\":\"medium\",\"logit_bias\":{}}")
                .model();

        assertThat(request.extensions()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{}|messages|is missing; it must be an array",
                "{\"messages\":null}|messages|must be an array, got null",
                "{\"messages\":[]}|messages|must have at least one message",
                "{\"messages\":[7]}|messages[0]|must be an object, got a number",
                "{\"messages\":[{}]}|messages[0].role|is missing; it must be a string",
                "{\"messages\":[{\"role\":\"king\"}]}|messages[0].role|must be one of system, developer, user, assistant, tool, got \"king\"",
                "{\"messages\":[{\"role\":\"user\"}]}|messages[0].content|is missing; it must be a string or an array of parts",
                "{\"messages\":[{\"role\":\"user\",\"content\":[]}]}|messages[0].content|must have at least one part",
                "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":5}]}]}|messages[0].content[0].text|must be a string, got a number",
                "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"video\"}]}]}|messages[0].content[1].type|must be one of text, image_url, file, got \"video\"",
                "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":17}}]}]}|messages[0].content[0].image_url.url|must be a string, got a number",
                "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"ftp://x\"}}]}]}|messages[0].content[0].image_url.url|must be an https: address or a data: URL",
                "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x\",\"detail\":\"huge\"}}]}]}|messages[0].content[0].image_url.detail|must be one of auto, low, high, got \"huge\"",
                "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{}}]}]}|messages[0].content[0].file|needs either file_data or file_id",
                "{\"messages\":[{\"role\":\"system\",\"content\":[{\"type\":\"voice\"}]}]}|messages[0].content[0].type|must be text, got \"voice\"",
                "{\"messages\":[{\"role\":\"assistant\"}]}|messages[0].content|is missing; an assistant's message needs content or tool_calls",
                "{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"\",\"function\":{\"name\":\"a\",\"arguments\":\"\"}}]}]}|messages[0].tool_calls[0].id|must be the call's id",
                "{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"a\",\"arguments\":{}}}]}]}|messages[0].tool_calls[0].function.arguments|must be a string, got an object",
                "{\"messages\":[{\"role\":\"tool\",\"content\":\"4\"}]}|messages[0].tool_call_id|is missing; it must be a string",
            })
    void aWrongMessageIsRefusedWithItsPlace(String body, String field, String what) {
        assertRefused(body, field, what);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "\"model\":5|model|must be a string, got a number",
                "\"stream\":\"yes\"|stream|must be true or false, got a string",
                "\"stream_options\":{\"include_usage\":true}|stream_options|is only for requests with stream: true",
                "\"temperature\":2.5|temperature|must be from 0 to 2, got 2.5",
                "\"temperature\":\"hot\"|temperature|must be a number, got a string",
                "\"top_p\":-0.1|top_p|must be from 0 to 1, got -0.1",
                "\"max_tokens\":0|max_tokens|must be a whole number from 1 to 2147483647, got 0",
                "\"max_tokens\":1.5|max_tokens|must be a whole number, got a number",
                "\"max_tokens\":99999999999|max_tokens|must be a whole number from 1 to 2147483647, got 99999999999",
                "\"max_tokens\":1,\"max_completion_tokens\":2|max_tokens|differs from max_completion_tokens; give only one of them",
                "\"seed\":99999999999999999999|seed|must fit into 64 bits, got 99999999999999999999",
                "\"seed\":true|seed|must be a whole number, got a boolean",
                "\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"]|stop|must have at most 4 items, got 5",
                "\"stop\":[\"\"]|stop[0]|must be a string that isn't empty",
                "\"stop\":{}|stop|must be an array, got an object",
                "\"tools\":[{}]|tools[0].type|is missing; it must be a string",
                "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a b\"}}]|tools[0].function.name|must be 1 to 64 letters, digits, underscores and hyphens",
                "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\",\"parameters\":[]}}]|tools[0].function.parameters|must be an object, got an array",
                "\"tool_choice\":7|tool_choice|must be a string or an object, got a number",
                "\"tool_choice\":\"perhaps\"|tool_choice|must be one of auto, none, required, got \"perhaps\"",
                "\"tool_choice\":\"required\"|tool_choice|can't be required without tools",
                "\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"x\"}}|tool_choice.function.name|names no tool of this request",
                "\"response_format\":{\"type\":\"xml\"}|response_format.type|must be one of text, json_object, json_schema, got \"xml\"",
                "\"response_format\":{\"type\":\"json_schema\"}|response_format.json_schema|is missing; it must be an object",
            })
    void aWrongFieldIsRefusedWithItsPlace(String field, String path, String what) {
        assertRefused("{" + HI + "," + field + "}", path, what);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "\"n\":2|n",
                "\"tools\":[{\"type\":\"custom\"}]|tools[0].type",
                "\"tool_choice\":{\"type\":\"allowed_tools\"}|tool_choice.type",
                "\"messages\":[{\"role\":\"function\",\"content\":\"x\"}]|messages[0].role",
                "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_audio\"}]}]|messages[0].content[0].type",
                "\"messages\":[{\"role\":\"system\",\"content\":[{\"type\":\"image_url\"}]}]|messages[0].content[0].type",
                "\"messages\":[{\"role\":\"assistant\",\"audio\":{},\"content\":\"x\"}]|messages[0].audio",
                "\"messages\":[{\"role\":\"assistant\",\"function_call\":{},\"content\":\"x\"}]|messages[0].function_call",
            })
    void whatIsDocumentedButNotSupportedIsRefusedByName(String field, String path) {
        String body = field.contains("messages") ? "{" + field + "}" : "{" + HI + "," + field + "}";
        LlmgineException refused = refused(body);

        assertThat(refused.code().name()).isEqualTo("unsupported_field");
        assertThat(refused.field()).hasValue(path);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "~~|The body is empty",
                "[]|must be a JSON object, got an array",
                "{\"messages\":|not valid JSON at line 1, column 13",
                "{\"a\":1,}|not valid JSON at line 1, column 8",
                "{\"a\":1} x|not valid JSON at line 1",
                "{\"a\":1,\"a\":2}|a field twice in one object at line 1",
                "{\"a\":1}{}|something follows it",
                "{\"a\":NaN}|not valid JSON at line 1",
                "nonsense|not valid JSON at line 1",
            })
    void aBodyThatIsNoJsonObjectIsExplained(String body, String what) {
        assertThat(refused(body)).hasMessageContaining(what);
    }

    @Test
    void aBodyThatIsNestedWithoutEndIsRefused() {
        assertThat(refused("{\"a\":" + "[".repeat(100_000)).code().name()).isEqualTo("invalid_request");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{a:1}",
                "{\"a\":1,\"a\":2}",
                "{}{}",
                "{\"a\":NaN}",
                "{\"a\":+1}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\n\"}"
            })
    void aComplaintHasNothingOfTheParser(String body) {
        LlmgineException refused = refused(body);

        assertThat(refused.getMessage())
                .endsWith(".")
                .doesNotContain("Feature", "StreamRead", "Json", "()", "`", "(code", "CTRL");
    }

    static Stream<Arguments> beyondTheLimits() {
        return Stream.of(
                Arguments.of("{\"a\":" + "[".repeat(300), "nested deeper than 200"),
                Arguments.of("{\"a\":[" + "{},".repeat(100_000) + "0]}", "more than 200000 names"),
                Arguments.of("{\"a\":" + "1".repeat(2000) + "}", "a number is longer than 1000 digits"),
                Arguments.of("{\"" + "a".repeat(60_000) + "\":1}", "a name is longer than 50000 characters"));
    }

    @ParameterizedTest
    @MethodSource("beyondTheLimits")
    void aLimitIsNamed(String body, String what) {
        LlmgineException refused = refused(body);

        assertThat(refused.code().name()).isEqualTo("invalid_request");
        assertThat(refused).hasMessageContaining("beyond the host's limits").hasMessageEndingWith(what(what));
    }

    private static String what(String what) {
        return what.startsWith("more") ? what + ", values and brackets." : what + ".";
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "ISO-8859-1"})
    void onlyUtf8IsTaken(String charset) {
        byte[] body =
                "{\"messages\":[{\"role\":\"user\",\"content\":\"h\u00e9 \"}]}".getBytes(Charset.forName(charset));

        assertThat(catchThrowableOfType(LlmgineException.class, () -> json.read(new ByteArrayInputStream(body)))
                        .code()
                        .name())
                .isEqualTo("invalid_request");
    }

    @Test
    void onlySoManyLargeBodiesAreReadAtATime() throws Exception {
        Json busy = new Json(Duration.ZERO);
        byte[] body = ("{\"a\":\"" + "x".repeat(2_000_000) + "\"}").getBytes(StandardCharsets.UTF_8);
        CountDownLatch begun = new CountDownLatch(8);
        CountDownLatch go = new CountDownLatch(1);
        List<Thread> readers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            readers.add(Thread.ofVirtual()
                    .start(() -> busy.read(new FilterInputStream(new ByteArrayInputStream(body)) {
                        private int left = 1024 * 1024;

                        @Override
                        public int read(byte[] buffer, int offset, int length) throws IOException {
                            if (left == 0 && length > 0) {
                                begun.countDown();
                                awaitQuietly(go);
                                return super.read(buffer, offset, length);
                            }
                            int read = super.read(buffer, offset, Math.min(length, left));
                            left -= read;
                            return read;
                        }
                    })));
        }
        begun.await();

        LlmgineException refused =
                catchThrowableOfType(LlmgineException.class, () -> busy.read(new ByteArrayInputStream(body)));
        assertThat(refused.code().name()).isEqualTo("overloaded");
        assertThat(busy.read(new ByteArrayInputStream("{}".getBytes(StandardCharsets.UTF_8)))
                        .node())
                .isEmpty();
        go.countDown();
        for (Thread reader : readers) {
            reader.join();
        }
        assertThat(busy.read(new ByteArrayInputStream(body)).get("a").string()).hasSize(2_000_000);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void onlySoManyUnknownFieldsAreTaken() {
        String many = IntStream.range(0, 257).mapToObj(i -> ",\"f" + i + "\":1").collect(Collectors.joining());
        String few = many.substring(0, many.lastIndexOf(','));
        String message = "{\"role\":\"user\",\"content\":\"Hi\"";

        assertThat(read("{\"messages\":[" + message + "}]" + few + "}").model().extensions())
                .hasSize(256);
        assertRefused(
                "{\"messages\":[" + message + "}]" + many + "}",
                "f256",
                "is one field too many; at most 256 may go to the provider unread, in a request and in each message");
        assertThat(refused("{\"messages\":[" + message + many + "}]}").field()).hasValue("messages[0].f256");
    }

    @Test
    void aLongStringIsTaken() {
        String text = "x".repeat(25_000_000);

        assertThat(read("{\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]}")
                        .model()
                        .messages()
                        .getFirst()
                        .text())
                .hasSize(text.length());
    }

    private void assertRefused(String body, String field, String what) {
        LlmgineException refused = refused(body);
        assertThat(refused.code().name()).isEqualTo("invalid_request");
        assertThat(refused).hasMessage(field + ": " + what + ".");
        assertThat(refused.field()).hasValue(field);
    }

    private LlmgineException refused(String body) {
        return catchThrowableOfType(LlmgineException.class, () -> read(body));
    }

    private ChatRequest read(String body) {
        return reader.read(json.read(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8))));
    }
}
