package org.llmgine.provider.openai.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.message.ContentPart;
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

class RequestWriterTest {
    private final JsonMapper json = JsonMapper.builder().build();
    private final RequestWriter writer = new RequestWriter(new JsonFactory(), "auto", false, true, true);

    @Test
    void theLeastRequestAsksForAStreamWithUsage() {
        assertThat(write(request())).isEqualTo(tree("""
                {"model":"m","messages":[{"role":"user","content":"Hi"}],
                 "stream":true,"stream_options":{"include_usage":true}}"""));
    }

    @Test
    void everyFieldOfARequestIsSent() {
        ModelRequest request = request()
                .tools(List.of(
                        new ToolSpec("f", "Does.", "{\"type\":\"object\"}", true), new ToolSpec("g", "", "{}", false)))
                .toolChoice(ToolChoice.of("f"))
                .parallelToolCalls(false)
                .responseFormat(new ResponseFormat("", "{\"type\":\"object\"}", true))
                .maxTokens(5)
                .temperature(0.5)
                .topP(0.25)
                .frequencyPenalty(1)
                .presencePenalty(-1)
                .seed(9_000_000_000L)
                .stop(List.of("a", "b"))
                .reasoningEffort("low")
                .build();

        assertThat(tree(new String(writer.write(request), java.nio.charset.StandardCharsets.UTF_8)))
                .isEqualTo(tree("""
                {"model":"m","messages":[{"role":"user","content":"Hi"}],
                 "tools":[{"type":"function","function":{"name":"f","description":"Does.","parameters":{"type":"object"},"strict":true}},
                          {"type":"function","function":{"name":"g","parameters":{}}}],
                 "tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false,
                 "response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object"},"strict":true}},
                 "max_tokens":5,"temperature":0.5,"top_p":0.25,"frequency_penalty":1.0,"presence_penalty":-1.0,
                 "seed":9000000000,"stop":["a","b"],"reasoning_effort":"low",
                 "stream":true,"stream_options":{"include_usage":true}}"""));
    }

    @Test
    void choicesAndFormatsHaveTheirShortForms() {
        ModelRequest.Builder request =
                request().tools(List.of(new ToolSpec("f", "", "{}", false))).responseFormat(ResponseFormat.JSON_OBJECT);

        assertThat(write(request.toolChoice(ToolChoice.NONE)).get("tool_choice").asText())
                .isEqualTo("none");
        assertThat(write(request.toolChoice(ToolChoice.REQUIRED))
                        .get("tool_choice")
                        .asText())
                .isEqualTo("required");
        assertThat(write(request.toolChoice(ToolChoice.AUTO)).has("tool_choice"))
                .isFalse();
        assertThat(write(request).get("response_format")).isEqualTo(tree("{\"type\":\"json_object\"}"));
        assertThat(write(request.responseFormat(new ResponseFormat("city", "{}", false)))
                        .get("response_format"))
                .isEqualTo(tree("{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"city\",\"schema\":{}}}"));
        assertThat(write(request().toolChoice(ToolChoice.REQUIRED)).has("tool_choice"))
                .isFalse();
    }

    @Test
    void contentIsSentInParts() {
        Message message = new Message(
                Role.USER,
                List.of(
                        new TextPart("See"),
                        new ImagePart("https://x.test/a.png", "low"),
                        new ImagePart("data:image/png;base64,AA==", "auto"),
                        new FilePart("a.pdf", "data:application/pdf;base64,AA=="),
                        new FilePart("", "data:application/pdf;base64,AA=="),
                        new FilePart("a.pdf", "file-1")));

        assertThat(messages(message).get(0).get("content")).isEqualTo(tree("""
                [{"type":"text","text":"See"},
                 {"type":"image_url","image_url":{"url":"https://x.test/a.png","detail":"low"}},
                 {"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}},
                 {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,AA=="}},
                 {"type":"file","file":{"file_data":"data:application/pdf;base64,AA=="}},
                 {"type":"file","file":{"file_id":"file-1"}}]"""));
    }

    @Test
    void contentThatTheProtocolDoesNotHaveIsRefusedByName() {
        ContentPart odd = () -> "smells";

        assertThatThrownBy(() -> messages(Message.user("a"), new Message(Role.USER, List.of(new TextPart("b"), odd))))
                .isInstanceOfSatisfying(LlmgineException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_FIELD);
                    assertThat(e.field()).contains("messages[1].content[1]");
                });
    }

    @Test
    void aRoundOfToolsIsSentBack() {
        assertThat(messages(
                        Message.user("Go"),
                        Message.assistant(
                                "", List.of(new ToolCall("a", "f", "{\"x\":1}"), new ToolCall("b", "g", " "))),
                        Message.tool("a", "1"),
                        Message.assistant("")))
                .isEqualTo(tree("""
                [{"role":"user","content":"Go"},
                 {"role":"assistant","content":null,"tool_calls":[
                   {"id":"a","type":"function","function":{"name":"f","arguments":"{\\"x\\":1}"}},
                   {"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]},
                 {"role":"tool","content":"1","tool_call_id":"a"},
                 {"role":"assistant","content":""}]"""));
    }

    @Test
    void reasoningIsSentBackOnlyInTheOpenRound() {
        JsonNode messages = messages(
                Message.user("One"),
                reasoned(List.of(new ToolCall("a", "f", "{}"))),
                Message.tool("a", "1"),
                reasoned(List.of()),
                Message.user("Two"),
                reasoned(List.of(new ToolCall("b", "f", "{}"))),
                Message.tool("b", "1"));

        assertThat(messages.findValuesAsText("reasoning_content")).containsExactly("Hm");
        assertThat(messages.get(5).has("reasoning_content")).isTrue();
        assertThat(messages.findValuesAsText("signature")).hasSize(3);
    }

    @Test
    void extensionsPassButTakeNobodysPlace() {
        Map<String, Object> extensions = new HashMap<>();
        extensions.put("stream", false);
        extensions.put("model", "other");
        extensions.put("top_k", 5);
        extensions.put("nothing", null);
        extensions.put(
                "deep",
                Map.of(
                        "list",
                        Arrays.asList(
                                1L,
                                1.5,
                                true,
                                "x",
                                null,
                                new BigInteger("12345678901234567890"),
                                new BigDecimal("0.10"))));
        Message message = new Message(
                Role.USER,
                List.of(new TextPart("Hi")),
                List.of(),
                Optional.empty(),
                Map.of("name", "Ada", "role", "system", "content", "other"));

        JsonNode written = write(request().messages(List.of(message)).extensions(extensions));

        assertThat(written.get("messages").get(0))
                .isEqualTo(tree("{\"role\":\"user\",\"content\":\"Hi\",\"name\":\"Ada\"}"));
        assertThat(written.get("model").asText()).isEqualTo("m");
        assertThat(written.get("stream").asBoolean()).isTrue();
        assertThat(written.get("top_k").asInt()).isEqualTo(5);
        assertThat(written.get("nothing").isNull()).isTrue();
        assertThat(written.get("deep").toString())
                .isEqualTo("{\"list\":[1,1.5,true,\"x\",null,12345678901234567890,0.1]}");
    }

    @Test
    void theTokenLimitHasTheFieldThatTheModelDemands() {
        for (String model : List.of("o3-mini", "openai/o1", "gpt-5.1", "openai/gpt-5-mini")) {
            assertThat(write(request().model(model).maxTokens(5)).has("max_completion_tokens"))
                    .as(model)
                    .isTrue();
        }
        for (String model : List.of("gpt-4o", "olmo-2", "o", "llama")) {
            assertThat(write(request().model(model).maxTokens(5)).has("max_tokens"))
                    .as(model)
                    .isTrue();
        }
        ModelRequest request = request().maxTokens(5).build();
        RequestWriter official = new RequestWriter(new JsonFactory(), "auto", true, true, true);
        RequestWriter forced = new RequestWriter(new JsonFactory(), "max_tokens", true, true, true);
        assertThat(tree(official.write(request)).has("max_completion_tokens")).isTrue();
        assertThat(tree(forced.write(request)).has("max_tokens")).isTrue();
    }

    @Test
    void aStreamIsAskedForOnlyIfItCanBeHadAndSomebodyTakesIt() {
        JsonNode whole = tree(new RequestWriter(new JsonFactory(), "auto", false, false, true)
                .write(request().build()));
        JsonNode untold = tree(new RequestWriter(new JsonFactory(), "auto", false, true, false)
                .write(request().build()));

        assertThat(whole.get("stream").asBoolean()).isFalse();
        assertThat(whole.has("stream_options")).isFalse();
        assertThat(write(request().streamed(false)).get("stream").asBoolean()).isFalse();
        assertThat(untold.get("stream").asBoolean()).isTrue();
        assertThat(untold.has("stream_options")).isFalse();
    }

    private static Message reasoned(List<ToolCall> calls) {
        return new Message(
                Role.ASSISTANT,
                List.of(new TextPart("x")),
                calls,
                Optional.empty(),
                Map.of(Message.REASONING_CONTENT, "Hm", "signature", "s"));
    }

    private static ModelRequest.Builder request() {
        return ModelRequest.builder("m").messages(List.of(Message.user("Hi")));
    }

    private JsonNode messages(Message... messages) {
        return write(request().messages(List.of(messages))).get("messages");
    }

    private JsonNode write(ModelRequest.Builder request) {
        return tree(writer.write(request.build()));
    }

    private JsonNode tree(byte[] text) {
        return tree(new String(text, java.nio.charset.StandardCharsets.UTF_8));
    }

    private JsonNode tree(String text) {
        try {
            return json.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
