package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The provider openai against a back-end that others wrote, {@code @copilotkit/aimock} (MIT licence). */
@ExtendWith(SharedHost.class)
final class AimockIT {
    private static final String INSTANCE = "openai~aimock";
    private static final String MODEL = INSTANCE + "/gpt-4o";

    private static Process aimock;
    private static Path settings;
    private static Host host;

    @BeforeAll
    static void start(Host shared) throws IOException, InterruptedException {
        host = shared;
        NodePackages.install();
        aimock = NodePackages.start("node", "aimock.mjs");
        BufferedReader output = aimock.inputReader(StandardCharsets.UTF_8);
        String file = "org.llmgine.provider.openai-aimock";
        host.withSettings(file, "baseUrl = " + output.readLine() + "/v1\napiKey = anything-goes\n");
        settings = host.home().resolve("etc").resolve(file + ".cfg");
        Until.holds(
                Duration.ofSeconds(10),
                () -> "its models aren't listed",
                () -> host.api().get("/v1/models").body().contains(MODEL + "\""));
    }

    @AfterAll
    static void stop() throws IOException {
        Files.delete(settings);
        aimock.getOutputStream().close();
        Until.holds(
                Duration.ofSeconds(10),
                () -> INSTANCE + " is still there",
                () -> host.api().instance("providers", INSTANCE).isMissingNode());
    }

    @Test
    void anAnswerIsTheSameStreamedAndWhole() {
        String text = "Hello from the other side, with 🎉 and \"quotes\".";

        ChatStream.Answer streamed = host.api().ask(MODEL, "hello");
        JsonNode whole = json(host.api().askWhole(MODEL, "hello"));

        assertThat(streamed.isWhole()).as(streamed.body()).isTrue();
        assertThat(streamed.text()).isEqualTo(text);
        assertThat(streamed.deltas()).hasSizeGreaterThan(5);
        assertThat(message(whole).path("content").asText()).isEqualTo(text);
        assertThat(whole.path("model").asText()).isEqualTo(MODEL);
        assertThat(whole.path("usage").path("completion_tokens").asInt()).isPositive();
    }

    @Test
    void reasoningComesBeforeTheAnswer() {
        ChatStream.Answer streamed = host.api().ask(MODEL, "think");
        JsonNode whole = message(json(host.api().askWhole(MODEL, "think")));

        assertThat(streamed.text()).isEqualTo("Four.");
        assertThat(streamed.body()).contains("\"reasoning_content\":\"Let m\"");
        assertThat(whole.path("content").asText()).isEqualTo("Four.");
        assertThat(whole.path("reasoning_content").asText()).isEqualTo("Let me see: 2 + 2.");
    }

    @Test
    void parallelToolCallsComeBackToTheCaller() {
        ObjectNode question = Api.question(MODEL, "weather");
        question.putArray("tools")
                .addObject()
                .put("type", "function")
                .putObject("function")
                .put("name", "weather")
                .putObject("parameters")
                .put("type", "object");

        JsonNode whole = json(host.api().post("/v1/chat/completions", question.toString()));
        String streamed = host.api()
                .post("/v1/chat/completions", question.put("stream", true).toString())
                .body();

        JsonNode calls = message(whole).path("tool_calls");
        assertThat(calls).hasSize(2);
        assertThat(calls.path(0).path("function").path("arguments").asText()).isEqualTo("{\"city\":\"Oslo\"}");
        assertThat(calls.path(1).path("function").path("arguments").asText()).isEqualTo("{\"city\":\"Rome\"}");
        assertThat(calls.path(0).path("id").asText())
                .isNotEmpty()
                .isNotEqualTo(calls.path(1).path("id").asText());
        assertThat(whole.path("choices").path(0).path("finish_reason").asText()).isEqualTo("tool_calls");
        assertThat(streamed).contains("\"index\":0,\"id\":", "\"index\":1,\"id\":", "[DONE]");
    }

    @Test
    void aSessionsToolsAreCalledInParallelAndTheirResultsGoBack() {
        String id = Api.parse(host.api()
                        .post("/api/sessions", "{\"engine\":\"tool-chat\",\"model\":\"" + MODEL + "\"}")
                        .body())
                .path("id")
                .asText();

        String turn = host.api()
                .post("/api/sessions/" + id + "/turns", "{\"prompt\":\"compute\"}")
                .body();

        assertThat(turn.lines().filter(line -> line.equals("event: tool_result")))
                .hasSize(2);
        assertThat(turn).contains("\"text\":\"42\"", "\"text\":\"391\"");
        assertThat(turn.lines().filter(line -> line.equals("event: done"))).hasSize(1);
        JsonNode messages = host.api().json("/api/sessions/" + id).path("messages");
        assertThat(messages.path(messages.size() - 1).path("content").asText()).isEqualTo("42 and 391.");
    }

    @ParameterizedTest
    @CsvSource({
        "limited, 429, rate_limited, Slow down.",
        "broken, 502, provider_error, Boom.",
        "garbled, 502, provider_error, ''",
        "dropped, 502, provider_error, ''"
    })
    void itsFaultsAreTheRightErrors(String prompt, int status, String code, String words) {
        for (boolean stream : List.of(true, false)) {
            HttpResponse<String> response = host.api()
                    .post(
                            "/v1/chat/completions",
                            Api.question(MODEL, prompt).put("stream", stream).toString());

            JsonNode error = Api.parse(response.body()).path("error");
            assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
            assertThat(error.path("code").asText()).isEqualTo(code);
            assertThat(error.path("message").asText()).contains(words);
            assertThat(host.api().ask(MODEL, "hello").isWhole())
                    .as("the next one")
                    .isTrue();
        }
    }

    @Test
    void aStreamThatIsCutIsNotTakenForWhole() {
        ChatStream.Answer answer = host.api().ask(MODEL, "cut");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).isNotEmpty();
        assertThat(answer.error()).isEqualTo("provider_error");
        assertThat(answer.done()).isFalse();
    }

    private static JsonNode message(JsonNode answer) {
        return answer.path("choices").path(0).path("message");
    }

    private static JsonNode json(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return Api.parse(response.body());
    }
}
