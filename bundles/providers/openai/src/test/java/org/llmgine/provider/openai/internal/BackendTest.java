package org.llmgine.provider.openai.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.llmgine.provider.openai.internal.FakeBackend.DONE;
import static org.llmgine.provider.openai.internal.FakeBackend.event;
import static org.llmgine.provider.openai.internal.FakeBackend.finish;
import static org.llmgine.provider.openai.internal.FakeBackend.stream;
import static org.llmgine.provider.openai.internal.FakeBackend.text;
import static org.llmgine.provider.openai.internal.FakeBackend.whole;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.message.Message;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.Usage;
import org.llmgine.api.stream.UsageUpdate;
import org.llmgine.testkit.FakeSettings;

/** The back-end over a real socket. */
class BackendTest {
    private final FakeBackend server = server();
    private final List<Backend> opened = new ArrayList<>();
    private Backend backend = backend(Map.of());

    @AfterEach
    void close() throws IOException {
        opened.forEach(Backend::close);
        server.close();
    }

    @Test
    void aStreamGivesItsPiecesAndTheConnectionIsUsedAgain() throws Exception {
        String usage = event("{\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,"
                + "\"prompt_tokens_details\":{\"cached_tokens\":5}}}");
        for (int i = 0; i < 3; i++) {
            server.then(stream(text("Hel"), text("lo"), finish("stop"), usage, DONE));
            assertThat(all(backend.open(request())))
                    .containsExactly(
                            new TextDelta("Hel"),
                            new TextDelta("lo"),
                            new UsageUpdate(new Usage(7, 3, 5, 0)),
                            new Finish("stop"));
        }

        assertThat(server.connections()).isEqualTo(1);
        assertThat(server.request().line()).isEqualTo("POST /v1/chat/completions HTTP/1.1");
    }

    @Test
    void closingCutsTheConnectionAndUnblocksWhoWaits() throws Exception {
        server.then(exchange -> {
            exchange.head(200, "Transfer-Encoding: chunked");
            exchange.chunk(text("a"));
            server.untilCut(exchange);
        });
        ModelStream stream = backend.open(request());
        assertThat(stream.next()).isEqualTo(new TextDelta("a"));
        assertThat(stream.isReady()).isFalse();
        CountDownLatch waiting = new CountDownLatch(1);
        CompletableFuture<StreamEvent> next = CompletableFuture.supplyAsync(() -> {
            waiting.countDown();
            return stream.next();
        });
        waiting.await();

        stream.close();
        stream.close();

        assertThatThrownBy(() -> next.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(LlmgineException.class);
        assertThat(server.awaitCut()).isTrue();
    }

    @Test
    void aConnectionWhoseHeadCanNotBeReadIsCutAndOpenStreamsGoOn() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        server.then(exchange -> {
                    exchange.head(200, "Transfer-Encoding: chunked");
                    exchange.chunk(text("a"));
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                    exchange.lastChunk(text("b") + finish("stop") + DONE);
                })
                .then(exchange -> {
                    exchange.raw("no HTTP at all\r\n\r\n");
                    server.untilCut(exchange);
                })
                .then(stream(text("c"), finish("stop") + DONE));
        ModelStream open = backend.open(request());
        assertThat(open.next()).isEqualTo(new TextDelta("a"));

        assertThatThrownBy(() -> backend.open(request()))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PROVIDER_ERROR));
        try (ModelStream next = backend.open(request())) {
            assertThat(next.next()).isEqualTo(new TextDelta("c"));
        }
        go.countDown();
        assertThat(open.next()).isEqualTo(new TextDelta("b"));
        assertThat(open.next()).isEqualTo(new Finish("stop"));
        open.close();
        assertThat(server.awaitCut()).isTrue();
    }

    @Test
    void errorsAreToldInTheBackEndsWords() {
        server.then(whole(
                429,
                "{\"error\":{\"message\":\"Slow down\",\"type\":\"requests\",\"code\":\"rate_limit_exceeded\"}}",
                "Retry-After: 7"));

        assertThatThrownBy(() -> backend.open(request())).isInstanceOfSatisfying(LlmgineException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.RATE_LIMITED);
            assertThat(e.getMessage()).endsWith("answered 429: Slow down");
            assertThat(e.retryAfter()).contains(java.time.Duration.ofSeconds(7));
        });
    }

    private Backend backend(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.putIfAbsent("baseUrl", server.url());
        all.putIfAbsent("modelsRefreshMs", 0);
        Backend made = Backend.of(FakeSettings.of(OpenAiSettings.class, all), Map.of());
        opened.add(made);
        return made;
    }

    private static ModelRequest request() {
        return ModelRequest.builder("m").messages(List.of(Message.user("Hi"))).build();
    }

    private static List<StreamEvent> all(ModelStream stream) {
        try (stream) {
            List<StreamEvent> events = new ArrayList<>();
            do {
                events.add(stream.next());
            } while (!(events.getLast() instanceof Finish));
            return events;
        }
    }

    private static FakeBackend server() {
        try {
            return new FakeBackend();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
