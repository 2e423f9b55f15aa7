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
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.logging.Filter;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.message.Message;
import org.llmgine.api.model.ModelInfo;
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
    /** Held, because the logging system holds it weakly. */
    private static final Logger LOGGER = Logger.getLogger(Backend.class.getName());

    private static final int MANY_BYTES = 50_000_000;

    private final FakeBackend server = server();
    private final Set<Thread> before = selectors();
    private final List<Backend> opened = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        opened.forEach(Backend::close);
        server.close();
    }

    @Test
    void aStreamGivesItsPiecesAndTheConnectionIsUsedAgain() throws Exception {
        Backend backend = backend(Map.of());
        String usage = event("{\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,"
                + "\"prompt_tokens_details\":{\"cached_tokens\":5}}}");
        for (int i = 0; i < 20; i++) {
            server.then(stream(text("Hel"), text("lo"), finish("stop"), usage, DONE));
            assertThat(all(backend.open(request())))
                    .containsExactly(
                            new TextDelta("Hel"),
                            new TextDelta("lo"),
                            new UsageUpdate(new Usage(7, 3, 5, 0)),
                            new Finish("stop"));
        }

        // A second one is made by whoever asks again before the first is back in the client's pool.
        assertThat(server.connections()).isLessThanOrEqualTo(2);
        assertThat(server.request().line()).startsWith("POST ").endsWith("/v1/chat/completions HTTP/1.1");
    }

    @Test
    void aConnectionWhoseEndComesLaterIsUsedAgainToo() throws Exception {
        Backend backend = backend(Map.of(), Map.of(), Duration.ofSeconds(60));
        CountDownLatch read = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        server.then(exchange -> {
            exchange.head(200, "Transfer-Encoding: chunked");
            exchange.chunk(text("a") + finish("stop") + DONE);
            await(read);
            exchange.lastChunk(": bye\n\n");
            ended.countDown();
        });

        all(backend.open(request()));
        read.countDown();
        await(ended);

        // The next request may be too early for it, but two at once find it and the one that was made instead.
        server.then(stream(text("b"), finish("stop"), DONE));
        all(backend.open(request()));
        ModelStream one = hanging(backend);
        ModelStream other = hanging(backend);
        assertThat(server.connections()).isEqualTo(2);
        one.close();
        other.close();
    }

    @Test
    void aConnectionThatNeverEndsIsCut() throws Exception {
        Backend backend = backend(Map.of());
        server.then(exchange -> {
            exchange.head(200, "Transfer-Encoding: chunked");
            exchange.chunk(text("a") + finish("stop") + DONE);
            exchange.chunk("x".repeat(100_000));
            server.untilCut(exchange);
        });

        all(backend.open(request()));

        assertThat(server.awaitCut()).isTrue();
    }

    @Test
    void aConnectionWhoseTrailerNeverEndsIsCut() throws Exception {
        Backend backend = backend(Map.of());
        server.then(exchange -> {
            exchange.head(200, "Transfer-Encoding: chunked");
            exchange.chunk(text("a") + finish("stop") + DONE);
            exchange.raw("0\r\n");
            while (true) {
                exchange.raw("X: y\r\n".repeat(1000));
            }
        });

        all(backend.open(request()));

        assertThat(server.awaitCut()).isTrue();
    }

    @Test
    void aConnectionThatStaysSilentAfterTheEndIsCut() throws Exception {
        Backend backend = backend(Map.of());
        server.then(exchange -> {
            exchange.head(200, "Transfer-Encoding: chunked");
            exchange.chunk(text("a") + finish("stop") + DONE);
            server.untilCut(exchange);
        });

        all(backend.open(request()));

        assertThat(server.awaitCut()).isTrue();
    }

    @Test
    void closingCutsTheConnectionAndUnblocksWhoWaits() throws Exception {
        ModelStream stream = hanging(backend(Map.of()));
        CountDownLatch waiting = new CountDownLatch(1);
        CompletableFuture<StreamEvent> next = CompletableFuture.supplyAsync(() -> {
            waiting.countDown();
            return stream.next();
        });
        waiting.await();

        stream.close();
        stream.close();

        assertThatThrownBy(() -> next.get(10, TimeUnit.SECONDS))
                .cause()
                .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.CANCELLED));
        assertThatThrownBy(stream::next).satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.CANCELLED));
        assertThat(server.awaitCut()).isTrue();
    }

    @Test
    void whoWaitsCanBeInterrupted() {
        try (ModelStream stream = hanging(backend(Map.of()))) {
            Thread.currentThread().interrupt();

            assertThatThrownBy(stream::next).satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.CANCELLED));
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void aRequestThatIsNotAnsweredCanBeInterrupted() throws Exception {
        Backend backend = backend(Map.of());
        server.then(server::untilCut);
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        Thread caller = Thread.ofVirtual().start(() -> {
            try {
                backend.open(request());
            } catch (Throwable t) {
                failure.complete(t);
            }
        });
        server.request();

        caller.interrupt();

        assertThat(code(failure.get(10, TimeUnit.SECONDS))).isEqualTo(ErrorCode.CANCELLED);
        assertThat(server.awaitCut()).isTrue();
    }

    @Test
    void errorsAreToldInTheBackEndsWordsAndTheConnectionGoesBack() {
        Backend backend = backend(Map.of());
        server.then(whole(
                        429,
                        "{\"error\":{\"message\":\"Slow down\",\"code\":\"rate_limit_exceeded\"}}",
                        "Retry-After: 7"))
                .then(exchange -> {
                    exchange.head(500, "Content-Length: 1000");
                    exchange.raw("{\"error\":");
                    throw new IOException("on purpose");
                })
                .then(whole(502, "x".repeat(200_000)));

        assertThatThrownBy(() -> backend.open(request())).isInstanceOfSatisfying(LlmgineException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.RATE_LIMITED);
            assertThat(e.getMessage()).endsWith("answered 429: Slow down.");
            assertThat(e.retryAfter()).contains(Duration.ofSeconds(7));
        });
        // The end may be there before the client has read the beginning.
        assertThatThrownBy(() -> backend.open(request()))
                .hasMessageMatching(
                        ".* (answered 500: \\{\"error\":\\.|broke the connection off before it answered\\.)");
        assertThatThrownBy(() -> backend.open(request())).hasMessageMatching(".* answered 502: x{200}…");
    }

    @Test
    void aResetInTheMidstIsAnError() {
        Backend backend = backend(Map.of());
        CountDownLatch read = new CountDownLatch(1);
        server.then(exchange -> {
            exchange.head(200, "Transfer-Encoding: chunked");
            exchange.chunk(text("a"));
            await(read);
            throw new IOException("on purpose");
        });

        try (ModelStream stream = backend.open(request())) {
            assertThat(stream.next()).isEqualTo(new TextDelta("a"));
            read.countDown();
            assertThatThrownBy(stream::next)
                    .hasMessage("The back-end's answer broke off.")
                    .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.PROVIDER_ERROR));
        }
    }

    @Test
    void aBackEndThatIsNotThereOrSaysNothingIsAnError() throws Exception {
        Backend backend = backend(Map.of());
        server.then(exchange -> {
            throw new IOException("on purpose");
        });
        assertThatThrownBy(() -> backend.open(request())).hasMessageContaining("before it answered");

        Backend absent = backend(Map.of("baseUrl", FakeBackend.nobody(), "proxy", ""));
        assertThatThrownBy(() -> absent.open(request())).isInstanceOfSatisfying(LlmgineException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
            assertThat(e.hint().orElseThrow()).contains("baseUrl");
        });
    }

    @Test
    void aSlowDripOfBytesIsRead() {
        Backend backend = backend(Map.of());
        server.then(exchange -> {
            exchange.head(200);
            for (char c : (text("Hello") + finish("stop")).toCharArray()) {
                exchange.raw(String.valueOf(c));
            }
            throw new IOException("the end");
        });

        assertThat(all(backend.open(request()))).containsExactly(new TextDelta("Hello"), new Finish("stop"));
    }

    @Test
    void aLongStreamPassesAndALongWholeAnswerDoesNot() throws Exception {
        Backend backend = backend(Map.of("maxAnswerBytes", 1_000_000));
        String piece = text("x".repeat(10_000));
        int pieces = MANY_BYTES / 10_000;
        server.then(exchange -> {
            exchange.head(200, "Transfer-Encoding: chunked");
            for (int i = 0; i < pieces; i++) {
                exchange.chunk(piece);
            }
            exchange.lastChunk(finish("stop") + DONE);
        });
        server.then(exchange -> {
            exchange.head(200, "Content-Length: " + MANY_BYTES);
            exchange.raw("{\"choices\":[{\"message\":{\"content\":\"");
            for (int i = 0; i < pieces; i++) {
                exchange.raw("x".repeat(10_000));
            }
        });

        long length = 0;
        try (ModelStream stream = backend.open(request())) {
            while (stream.next() instanceof TextDelta delta) {
                length += delta.text().length();
            }
        }
        assertThat(length).isEqualTo(MANY_BYTES);
        try (ModelStream stream = backend.open(request())) {
            assertThatThrownBy(stream::next).isInstanceOfSatisfying(LlmgineException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.LIMIT_REACHED);
                assertThat(e).hasMessageContaining("1000000");
            });
        }
        assertThat(server.awaitCut()).isTrue();
    }

    @Test
    void aWholeAnswerThatFitsIsRead() {
        Backend backend = backend(Map.of("stream", false));
        server.then(whole(200, "{\"choices\":[{\"message\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}"));

        assertThat(all(backend.open(request()))).containsExactly(new TextDelta("Hi"), new Finish("stop"));
    }

    @Test
    void openStreamsGoOnAfterTheCloseAndTheThreadEndsWithTheLast() throws Exception {
        Backend backend = backend(Map.of());
        CountDownLatch closed = new CountDownLatch(1);
        server.then(exchange -> {
            exchange.head(200, "Transfer-Encoding: chunked");
            exchange.chunk(text("a"));
            await(closed);
            exchange.chunk(text("b"));
            exchange.lastChunk(finish("stop") + DONE);
        });
        ModelStream stream = backend.open(request());
        assertThat(stream.next()).isEqualTo(new TextDelta("a"));
        assertThat(ours()).hasSize(1);

        backend.close();
        assertThatThrownBy(() -> backend.open(request())).isInstanceOf(LlmgineException.class);
        closed.countDown();

        assertThat(all(stream)).containsExactly(new TextDelta("b"), new Finish("stop"));
        await(() -> ours().isEmpty());
    }

    @Test
    void aStreamThatIsGivenUpAfterTheCloseEndsTheThreadToo() {
        Backend backend = backend(Map.of());
        ModelStream stream = hanging(backend);

        backend.close();
        stream.close();

        await(() -> ours().isEmpty());
    }

    @Test
    void aBackEndThatWasNotUsedLeavesNoThread() {
        backend(Map.of()).close();

        await(() -> ours().isEmpty());
    }

    @Test
    void headersTellWhoAsks() throws Exception {
        Backend backend = backend(
                Map.of(
                        "apiKeyVariable", "THE_KEY",
                        "apiKey", "other",
                        "organization", "org",
                        "project", "proj",
                        "headers", new String[] {"X-Title=A=B", "X-Other: c", " "}),
                Map.of("THE_KEY", " sk-1 "));
        server.then(stream(finish("stop")));

        all(backend.open(request()));

        assertThat(server.request().headers())
                .containsEntry("authorization", "Bearer sk-1")
                .containsEntry("openai-organization", "org")
                .containsEntry("openai-project", "proj")
                .containsEntry("x-title", "A=B")
                .containsEntry("x-other", "c")
                .containsEntry("user-agent", "LLMgine")
                .containsEntry("content-type", "application/json");
    }

    @Test
    void aKeyMayBeInTheSettingsOrInAHeader() throws Exception {
        server.then(stream(finish("stop"))).then(stream(finish("stop"))).then(stream(finish("stop")));

        all(backend(Map.of("apiKey", "sk-2")).open(request()));
        assertThat(server.request().headers()).containsEntry("authorization", "Bearer sk-2");
        all(backend(Map.of("apiKey", "sk-2", "headers", new String[] {"Authorization=Basic x"}))
                .open(request()));
        assertThat(server.request().headers()).containsEntry("authorization", "Basic x");
        all(backend(Map.of()).open(request()));
        assertThat(server.request().headers()).doesNotContainKey("authorization");
    }

    @Test
    void whatAHeaderHoldsIsNotRepeated() {
        server.then(whole(401, "{\"error\":\"The token secret-token is old.\"}"));

        assertThatThrownBy(() -> backend(Map.of("headers", new String[] {"Authorization=Token secret-token"}))
                        .open(request()))
                .hasMessageEndingWith("answered 401: The token … is old.");
    }

    @Test
    void whoIsRefusedIsToldWhereTheKeyComesFrom() {
        Map<Map<String, Object>, String> hints = Map.of(
                Map.of("apiKeyVariable", "THE_KEY"), "The key comes from the environment variable THE_KEY.",
                Map.of("apiKeyVariable", "NO_KEY"),
                        "The environment variable NO_KEY is not set; it holds the key of this instance.",
                Map.of("apiKey", "sk-3"), "The key comes from the setting apiKey.",
                Map.of(), "This instance has no key: set apiKeyVariable to the environment variable that holds it.");
        hints.forEach((settings, hint) -> {
            server.then(whole(401, "{\"error\":\"no: sk-3\"}"));
            assertThatThrownBy(
                            () -> backend(settings, Map.of("THE_KEY", "sk-3")).open(request()))
                    .isInstanceOfSatisfying(LlmgineException.class, e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.PROVIDER_AUTH);
                        assertThat(e.hint()).contains(hint);
                    });
        });
    }

    @Test
    void aVariableThatIsNotSetIsWarnedOfOnce() {
        List<String> logged = new ArrayList<>();
        Filter filter = entry -> !logged.add(new SimpleFormatter().formatMessage(entry));
        LOGGER.setFilter(filter);
        try {
            backend(Map.of("apiKeyVariable", "NO_KEY"));
            backend(Map.of("apiKeyVariable", "THE_KEY"), Map.of("THE_KEY", "sk-3"));
            backend(Map.of("apiKeyVariable", "NO_KEY", "headers", new String[] {"Authorization=Basic x"}));
            backend(Map.of());
            OpenAiSettings settings = FakeSettings.of(
                    OpenAiSettings.class,
                    Map.of("baseUrl", server.url(), "modelsRefreshMs", 0, "apiKeyVariable", "NO_KEY_AT_ALL"));
            new OpenAiModelProvider(settings, Map.of("service.pid", OpenAiModelProvider.PID + "~work")).deactivate();
        } finally {
            LOGGER.setFilter(null);
        }

        assertThat(logged)
                .containsExactly(
                        "The provider 'openai~test' has no key. The environment variable NO_KEY is not set; it holds the"
                                + " key of this instance.",
                        "The provider 'openai~work' has no key. The environment variable NO_KEY_AT_ALL is not set; it"
                                + " holds the key of this instance.");
    }

    @Test
    void aSettingThatCanNotBeUsedIsNamedWithoutItsSecret() {
        for (String url : List.of(
                "",
                "api.openai.com",
                "ftp://x/v1",
                "http:///v1",
                "http://u:p@x/",
                "http://x/#f",
                "http://x:99999/",
                "ht tp")) {
            assertBad("baseUrl", Map.of("baseUrl", url));
        }
        assertBad("proxy", Map.of("proxy", "proxy.test:3128"));
        assertBad("proxy", Map.of("proxy", "https://proxy.test"));
        assertBad("proxy", Map.of("proxy", "http://proxy.test:99999"));
        assertBad("proxy", Map.of("proxy", "http:// "));
        assertBad("headers", Map.of("headers", new String[] {"hush-hush"}));
        assertBad("headers", Map.of("headers", new String[] {"=hush-hush"}));
        assertBad("headers", Map.of("headers", new String[] {"Host=hush-hush"}));
        assertBad("headers", Map.of("headers", new String[] {"X=hush-hush\u0007"}));
        assertBad("apiKey", Map.of("apiKey", "hush hush-hush"));
        assertBad("apiKeyVariable", Map.of("apiKeyVariable", "BAD"));
    }

    private void assertBad(String setting, Map<String, Object> settings) {
        assertThatThrownBy(() -> backend(settings, Map.of("BAD", "hush-hush\nX: y")))
                .isInstanceOfSatisfying(LlmgineException.class, e -> {
                    assertThat(e.field()).contains(setting);
                    assertThat(e).hasMessageStartingWith("The setting " + setting + " must ");
                    assertThat(e.toString()).doesNotContain("hush-hush");
                });
    }

    @Test
    void aProxyAndAQueryAreUsed() throws Exception {
        Backend backend = backend(Map.of(
                "baseUrl",
                "http://backend.test/deployments/x/?api-version=1",
                "proxy",
                "http://127.0.0.1:" + server.port()));
        server.then(stream(finish("stop")));

        all(backend.open(request()));

        assertThat(server.request().line())
                .isEqualTo("POST http://backend.test/deployments/x/chat/completions?api-version=1 HTTP/1.1");
    }

    @Test
    void noMoreStreamsAreOpenThanMayBe() {
        Backend backend = backend(Map.of("maxStreams", 1));
        ModelStream first = hanging(backend);

        assertThatThrownBy(() -> backend.open(request())).isInstanceOfSatisfying(LlmgineException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.OVERLOADED);
            assertThat(e.hint().orElseThrow()).contains("maxStreams");
        });

        first.close();
        first.close();
        server.then(whole(500, ""));
        assertThatThrownBy(() -> backend.open(request())).hasMessageContaining("answered 500");
        hanging(backend).close();
    }

    @Test
    void theListOfModelsIsFetchedAndTellsWhatIsKnown() {
        server.thenList(whole(200, """
                {"object":"list","data":[
                 {"id":"a/router","context_length":200000,"supported_parameters":["tools","temperature"],
                  "architecture":{"input_modalities":["text","image"]}},
                 {"id":"local","max_model_len":4096,"object":"model"},
                 {"id":"local"},{"nothing":1}]}"""));
        Backend backend = backend(Map.of("modelsRefreshMs", 300_000, "models", new String[] {"first", " ", "first"}));

        await(() -> backend.models().size() == 2);

        assertThat(backend.models())
                .containsExactly(
                        new ModelInfo(
                                "a/router",
                                Set.of(ModelInfo.TOOLS, ModelInfo.IMAGES, ModelInfo.EXTENSIONS),
                                OptionalInt.of(200_000)),
                        new ModelInfo("local", everything(), OptionalInt.of(4096)));
    }

    @Test
    void theListIsFetchedAnewWhenItIsOld() {
        server.thenList(whole(200, "{\"data\":[{\"id\":\"one\"}]}"))
                .thenList(whole(200, "[{\"id\":\"two\",\"supported_parameters\":[\"response_format\"]}]"))
                .thenList(whole(200, "{\"models\":[{\"name\":\"three\"}]}"));
        Backend backend = backend(Map.of("modelsRefreshMs", 1));

        await(() -> names(backend).equals(List.of("three")));
    }

    @Test
    void withoutAListTheFixedOneStays() {
        Map<String, Object> fixed = Map.of("models", new String[] {"one", "two"});
        assertThat(names(backend(fixed))).containsExactly("one", "two");

        for (String list : List.of("{\"data\":7}", "no list", "{}")) {
            server.thenList(whole(200, list)).thenList(whole(200, "{\"data\":[{\"id\":\"three\"}]}"));
            Map<String, Object> fetching = new HashMap<>(fixed);
            fetching.put("modelsRefreshMs", 1);
            Backend backend = backend(fetching);
            assertThat(names(backend)).containsExactly("one", "two");
            await(() -> names(backend).equals(List.of("three")));
            backend.close();
        }
    }

    @Test
    void componentsServeTheBackEnd() throws Exception {
        OpenAiSettings settings =
                FakeSettings.of(OpenAiSettings.class, Map.of("baseUrl", server.url(), "models", new String[] {"m"}));
        OpenAiModelProvider configured =
                new OpenAiModelProvider(settings, Map.of("service.pid", OpenAiModelProvider.PID + "~work"));
        FoundModelProvider found = new FoundModelProvider(settings);

        assertThat(configured.models()).singleElement().returns("m", ModelInfo::name);
        assertThat(found.models()).singleElement().returns("m", ModelInfo::name);
        assertThat(configured.takesUnlistedModels()).isTrue();
        assertThat(found.takesUnlistedModels()).isTrue();
        server.then(stream(text("a"), finish("stop"))).then(stream(text("b"), finish("stop")));
        assertThat(all(configured.open(request()))).startsWith(new TextDelta("a"));
        assertThat(all(found.open(request()))).startsWith(new TextDelta("b"));
        configured.deactivate();
        found.deactivate();
        server.close();
        await(() -> ours().isEmpty());
    }

    @Test
    void aHeadThatMakesNoSenseIsTheBackEndsFaultAndItsConnectionIsCut() throws Exception {
        Backend backend = backend(Map.of());
        server.then(exchange -> {
            exchange.head(200, "Content-Length: 99999999999999999999");
            server.untilCut(exchange);
        });

        assertThatThrownBy(() -> backend.open(request()))
                .hasMessageContaining("before it answered")
                .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.PROVIDER_ERROR));
        backend.close();

        await(() -> ours().isEmpty());
    }

    @Test
    void aListThatNeverEndsHoldsNoBackEndThatIsClosed() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        server.thenList(exchange -> {
            exchange.head(200, "Content-Length: 100");
            exchange.raw("{");
            begun.countDown();
            server.untilCut(exchange);
        });
        Backend backend = backend(Map.of("modelsRefreshMs", 300_000));
        await(begun);

        backend.close();

        await(() -> ours().isEmpty());
        assertThat(server.awaitCut()).isTrue();
    }

    /** Open a stream whose first piece is read and whose next one never comes. */
    private ModelStream hanging(Backend backend) {
        server.then(exchange -> {
            exchange.head(200, "Transfer-Encoding: chunked");
            exchange.chunk(text("a"));
            server.untilCut(exchange);
        });
        ModelStream stream = backend.open(request());
        assertThat(stream.next()).isEqualTo(new TextDelta("a"));
        assertThat(stream.isReady()).isFalse();
        return stream;
    }

    /** Return the settings that decide by which client requests are sent. */
    Map<String, Object> transport(int port) {
        return Map.of();
    }

    private Backend backend(Map<String, Object> settings) {
        return backend(settings, Map.of());
    }

    private Backend backend(Map<String, Object> settings, Map<String, String> environment) {
        return backend(settings, environment, Http1Client.REST_LIMIT);
    }

    private Backend backend(Map<String, Object> settings, Map<String, String> environment, Duration restLimit) {
        Map<String, Object> all = new HashMap<>(settings);
        all.putIfAbsent("baseUrl", server.url());
        all.putIfAbsent("modelsRefreshMs", 0);
        transport(server.port()).forEach(all::putIfAbsent);
        OpenAiSettings made = FakeSettings.of(OpenAiSettings.class, all);
        Backend backend = Backend.of("openai~test", made, environment, restLimit, Http1Client.CLOSED_LIMIT);
        opened.add(backend);
        return backend;
    }

    private static List<String> names(Backend backend) {
        return backend.models().stream().map(ModelInfo::name).toList();
    }

    private static Set<String> everything() {
        return Set.of(
                ModelInfo.TOOLS, ModelInfo.IMAGES, ModelInfo.FILES, ModelInfo.STRUCTURED_OUTPUT, ModelInfo.EXTENSIONS);
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

    private static ErrorCode code(Throwable failure) {
        return ((LlmgineException) failure).code();
    }

    /** Return the clients' threads that this test brought. */
    private Set<Thread> ours() {
        Set<Thread> now = selectors();
        now.removeAll(before);
        return now;
    }

    private static Set<Thread> selectors() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("HttpClient-"))
                .collect(Collectors.toSet());
    }

    /** Wait for what another thread, or a socket, will bring about. */
    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("It took over 10 s.").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static FakeBackend server() {
        try {
            return new FakeBackend();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
