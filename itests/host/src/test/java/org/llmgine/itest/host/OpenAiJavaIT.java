package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessage;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.chat.completions.StructuredChatCompletion;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** OpenAI's library for Java against the host. */
@ExtendWith(SharedHost.class)
final class OpenAiJavaIT {
    private final Host host;
    private final OpenAIClient client;

    OpenAiJavaIT(Host host) {
        this.host = host;
        client = client(Host.ADMIN_KEY);
    }

    @AfterEach
    void close() {
        client.close();
    }

    @Test
    void modelsAreListedDefaultAmongThem() {
        assertThat(client.models().list().data())
                .extracting(model -> model.id())
                .contains("default", "offline/demo", "engine/tool-chat");
    }

    @Test
    void aStreamedAnswerComesDeltaByDelta() {
        StringBuilder text = new StringBuilder();
        try (StreamResponse<ChatCompletionChunk> stream =
                client.chat().completions().createStreaming(ask("scripted~main/paced-20-5", "go"))) {
            stream.stream()
                    .flatMap(chunk -> chunk.choices().stream())
                    .flatMap(choice -> choice.delta().content().stream())
                    .forEach(text::append);
        }

        assertThat(text).hasToString(String.join("", Numbered.words(20)));
    }

    @Test
    void aWholeAnswerComesInOnePiece() {
        ChatCompletion answer = client.chat().completions().create(ask("scripted~main/paced-3-0", "go"));

        assertThat(message(answer).content()).contains("w0 w1 w2 ");
        assertThat(answer.usage().orElseThrow().totalTokens()).isEqualTo(10);
    }

    @Test
    void aToolCallGoesToTheCallerAndItsResultIntoTheAnswer() {
        ChatCompletionCreateParams question = ask("offline/demo", "What is 17*23?").toBuilder()
                .addTool(Calculator.class)
                .build();
        ChatCompletionMessage asking = message(client.chat().completions().create(question));
        var call = asking.toolCalls().orElseThrow().getFirst().asFunction();
        Calculator arguments = call.function().arguments(Calculator.class);
        ChatCompletion answer = client.chat()
                .completions()
                .create(question.toBuilder()
                        .addMessage(asking)
                        .addMessage(ChatCompletionToolMessageParam.builder()
                                .toolCallId(call.id())
                                .content("391")
                                .build())
                        .build());

        assertThat(arguments.expression.replace(" ", "")).isEqualTo("17*23");
        assertThat(message(answer).content().orElseThrow()).contains("391");
    }

    @Test
    void aStructuredAnswerKeepsToItsSchema() {
        StructuredChatCompletion<City> answer = client.chat()
                .completions()
                .create(ask("offline/demo", "Tell me about a city.").toBuilder()
                        .responseFormat(City.class)
                        .build());

        City city = answer.choices().getFirst().message().content().orElseThrow();
        assertThat(city.name).isNotNull();
        assertThat(city.people).isNotNull();
    }

    @Test
    void aWrongKeyIsUnauthorized() {
        OpenAIClient stranger = client("sk-wrong");

        assertFails(UnauthorizedException.class, 401, () -> stranger.models().list());
    }

    @Test
    void anUnknownModelIsNotFound() {
        assertFails(NotFoundException.class, 404, () -> create("nowhere/nothing", question -> {}));
    }

    @Test
    void aFieldOfTheWrongTypeIsABadRequest() {
        assertFails(
                BadRequestException.class,
                400,
                () -> create(
                        "offline/demo", question -> question.putAdditionalBodyProperty("stop", JsonValue.from(7))));
    }

    @Test
    void aBackEndThatIsBusyIsARateLimit() {
        assertFails(RateLimitException.class, 429, () -> create("scripted~failing/fail-429", question -> {}));
    }

    @Test
    void aBackEndThatFailsIsAServerError() {
        assertFails(InternalServerException.class, 502, () -> create("scripted~failing/fail-500", question -> {}));
    }

    @Test
    void anAbortStopsModelAndEngineWithinTwoHeartbeats() throws Exception {
        long left;
        try (StreamResponse<ChatCompletionChunk> stream =
                client.chat().completions().createStreaming(ask("scripted~main/paced-501-20", "go"))) {
            Iterator<ChatCompletionChunk> chunks = stream.stream().iterator();
            List.of(chunks.next(), chunks.next(), chunks.next());
            left = System.currentTimeMillis();
        }

        host.journal().assertCutWithin(Heartbeats.TWO, "paced-501-20", left);
        Until.holds(
                Heartbeats.TWO,
                () -> "the engine still runs",
                () -> host.api()
                                .instance("engines", "single-pass")
                                .path("inFlight")
                                .asInt(-1)
                        == 0);
        assertThat(System.currentTimeMillis() - left).isLessThan(2 * Heartbeats.TWO.toMillis());
    }

    private OpenAIClient client(String key) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(host.uri() + "/v1")
                .apiKey(key)
                .maxRetries(0)
                .build();
    }

    private static ChatCompletionCreateParams ask(String model, String prompt) {
        return ChatCompletionCreateParams.builder()
                .model(model)
                .addUserMessage(prompt)
                .build();
    }

    private void create(String model, Consumer<ChatCompletionCreateParams.Builder> options) {
        ChatCompletionCreateParams.Builder question = ask(model, "go").toBuilder();
        options.accept(question);
        client.chat().completions().create(question.build());
    }

    private static ChatCompletionMessage message(ChatCompletion answer) {
        return answer.choices().getFirst().message();
    }

    private static void assertFails(Class<? extends OpenAIServiceException> type, int status, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        type, failure -> assertThat(failure.statusCode()).isEqualTo(status))
                .message()
                .hasSizeGreaterThan(15)
                .doesNotContain("Exception");
    }

    /** Evaluate an arithmetic expression exactly. */
    static final class Calculator {
        @JsonPropertyDescription("for example 17*23")
        public String expression = "";
    }

    /** What is asked for. */
    static final class City {
        public String name = "";
        public Integer people = 0;
    }
}
