package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionAssistantMessageParam;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Whatever a back-end does, the caller gets the right answer or the right error in time, and nothing is left behind. */
final class UpstreamFaultIT {
    private static final String TEXT = String.join("", FaultUpstream.DELTAS);
    private static final String KEY = "sk-itest-upstream-0123456789";
    private static final Duration FIRST_EVENT = Duration.ofSeconds(15);
    private static final Duration GAP = Duration.ofSeconds(12);
    private static final Duration STREAM = Duration.ofSeconds(30);
    /** The machine is busy with all cases at once. */
    private static final Duration SLACK = Duration.ofSeconds(20);
    /** Lets what is on its way arrive, which a fault right behind it would take along. */
    private static final Duration SETTLING = Duration.ofSeconds(2);

    private static final int BIG_PIECES = 300;
    private static final String BIG_PIECE = "0123456789abcdef".repeat(4096);

    private static final FaultUpstream UPSTREAM = new FaultUpstream();
    private static final Map<String, Case> CASES = new LinkedHashMap<>();
    private static Host host;

    /**
     * What is done to a request, and what its caller must get.
     *
     * @param streamed what the caller of a stream gets
     * @param whole what the caller of a whole answer gets
     */
    private record Case(Outcome streamed, Outcome whole) {
        boolean waits() {
            return streamed.waits() || whole.waits();
        }

        /** A turn's stream begins before the model is asked, and its log has a bound of its own. */
        Outcome turn(String model) {
            return model.equals("big")
                    ? Outcome.breaks("limit_reached", "turnLogMaxBytes").within(STREAM)
                    : new Outcome(200, streamed.code(), streamed.words(), streamed.begun(), streamed.limit());
        }
    }

    /**
     * What a caller gets.
     *
     * @param status the HTTP status
     * @param code the error's code; empty for a whole answer
     * @param words what the message tells of the back-end's own words
     * @param begun whether the stream begins before it fails
     * @param limit how long it may take
     */
    private record Outcome(int status, String code, String words, boolean begun, Duration limit) {
        static final Outcome GOOD = new Outcome(200, "", "", true, SLACK);

        static Outcome fails(int status, String code, String words) {
            return new Outcome(status, code, words, false, SLACK);
        }

        /** A stream that begins and ends with an error event. */
        static Outcome breaks(String code, String words) {
            return new Outcome(200, code, words, true, SLACK);
        }

        Outcome within(Duration deadline) {
            return new Outcome(status, code, words, begun, deadline.plus(SLACK));
        }

        boolean waits() {
            return limit.compareTo(SLACK) > 0;
        }

        Outcome saying(String said) {
            return new Outcome(status, code, said, begun, limit);
        }
    }

    private static final Outcome BROKEN = Outcome.fails(502, "provider_error", "");
    private static final Outcome BREAKS = Outcome.breaks("provider_error", "");
    private static final Outcome SILENT =
            Outcome.fails(504, "timeout", "firstEventTimeoutMs").within(FIRST_EVENT);
    private static final Outcome SILENT_WHOLE =
            Outcome.fails(504, "timeout", "wholeAnswerTimeoutMs").within(FIRST_EVENT);

    private static void on(String model, FaultUpstream.Fault fault, Outcome streamed, Outcome whole) {
        UPSTREAM.on(model, fault);
        CASES.put(model, new Case(streamed, whole));
    }

    private static void on(String model, FaultUpstream.Fault fault, Outcome both) {
        on(model, fault, both, both);
    }

    private static void define() {
        on("good", FaultUpstream.Exchange::good, Outcome.GOOD);
        refusals();
        brokenResponses();
        brokenStreams();
        silences();
        slowAndLong();
    }

    private static void refusals() {
        on(
                "401",
                x -> x.json("401 Unauthorized", error("Incorrect API key provided: " + KEY + ".", "invalid_api_key")),
                Outcome.fails(502, "provider_auth", "Incorrect API key provided"));
        on(
                "429-seconds",
                x -> x.json("429 Too Many Requests", error("Slow down.", "rate_limit_exceeded"), "Retry-After: 60"),
                Outcome.fails(429, "rate_limited", "Slow down."));
        on(
                "429-date",
                x -> x.json(
                        "429 Too Many Requests",
                        error("Slow down.", "rate_limit_exceeded"),
                        "Retry-After: "
                                + DateTimeFormatter.RFC_1123_DATE_TIME.format(
                                        ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(60))),
                Outcome.fails(429, "rate_limited", "Slow down."));
        on(
                "429-once",
                x -> {
                    boolean before = UPSTREAM.exchanges("429-once").stream()
                            .anyMatch(other -> other != x && other.isStreamed() == x.isStreamed());
                    if (before) {
                        x.good();
                    } else {
                        x.json("429 Too Many Requests", error("Slow down.", "rate_limit_exceeded"), "Retry-After: 1");
                    }
                },
                Outcome.GOOD);
        on(
                "404",
                x -> x.json("404 Not Found", error("The model `404` does not exist.", "model_not_found")),
                Outcome.fails(404, "model_not_found", "does not exist"));
        on(
                "too-long",
                x -> x.json("400 Bad Request", error("Too many tokens.", "context_length_exceeded")),
                Outcome.fails(400, "context_too_long", "Too many tokens."));
        on(
                "filtered",
                x -> x.json("400 Bad Request", error("Not this.", "content_filter")),
                Outcome.fails(400, "content_refused", "Not this."));
        on(
                "invalid",
                x -> x.json("400 Bad Request", error("Unknown field.", "unknown_field")),
                Outcome.fails(400, "invalid_request", "Unknown field."));
        on("500-json", x -> x.json("500 Oops", error("We had a problem.", "oops")), BROKEN.saying("We had a problem."));
        on("500-text", x -> x.respond("500 Oops", "text/plain", "upstream timed out"), BROKEN.saying("timed out"));
        on("500-html", x -> x.respond("502 Bad Gateway", "text/html", "<html><h1>502 Bad Gateway</h1></html>"), BROKEN);
        on("500-array", x -> x.json("500 Oops", "[1,2,{\"error\":null}]"), BROKEN);
        on("500-empty", x -> x.json("503 Away", ""), BROKEN);
        on(
                "redirect",
                x -> x.respond("302 Found", "text/plain", "", "Location: " + UPSTREAM.uri() + "/elsewhere"),
                BROKEN.saying("302"));
    }

    private static void brokenResponses() {
        on("html", x -> x.respond("200 OK", "text/html", "<html>Please log in</html>"), BROKEN);
        on("text", x -> x.respond("200 OK", "text/plain", "Hello there"), BROKEN);
        on("empty", x -> x.json("200 OK", ""), BROKEN);
        on("other-json", x -> x.json("200 OK", "{\"object\":\"list\",\"data\":[]}"), BROKEN);
        on("no-http", x -> x.raw("hello\r\n\r\n"), BROKEN);
        on("reset", FaultUpstream.Exchange::reset, BROKEN);
        on("eof", x -> {}, BROKEN);
        on("huge-header", x -> x.json("200 OK", x.wholeJson(TEXT), "X-Huge: " + "x".repeat(1 << 20)), BROKEN);
        on(
                "endless-head",
                x -> {
                    x.raw("HTTP/1.1 200 OK\r\n");
                    while (true) {
                        x.raw("X-More: " + "x".repeat(8192) + "\r\n");
                    }
                },
                BROKEN);
        on("bad-chunk", x -> x.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n"), BROKEN);
        on(
                "negative-length",
                x -> x.raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: -5\r\n\r\n{}"),
                BROKEN);
    }

    private static void brokenStreams() {
        on(
                "reset-within",
                x -> {
                    x.half();
                    settle();
                    x.reset();
                },
                BREAKS.within(SETTLING),
                BROKEN.within(SETTLING.multipliedBy(2)));
        on("eof-within", FaultUpstream.Exchange::half, BREAKS, BROKEN);
        on(
                "end-without-finish",
                x -> {
                    x.half();
                    if (x.isStreamed()) {
                        x.end();
                    }
                },
                BREAKS,
                BROKEN);
        on(
                "bad-chunk-within",
                x -> {
                    x.half();
                    settle();
                    x.raw("-1\r\nx");
                    x.hold();
                },
                BREAKS.within(SETTLING),
                SILENT_WHOLE);
        on(
                "cut-json",
                x -> {
                    x.half();
                    x.chunk("data: {\"choices\":[{\"delta\":{\"content\":\n\n");
                    x.hold();
                },
                BREAKS,
                SILENT_WHOLE);
        on(
                "no-json",
                x -> {
                    if (x.isStreamed()) {
                        x.half();
                        x.chunk("data: tomatoes\n\n");
                        x.hold();
                    } else {
                        x.json("200 OK", "{\"choices\": tomatoes}");
                    }
                },
                BREAKS,
                BROKEN);
        on(
                "no-events",
                x -> {
                    x.beginStream();
                    x.chunk("garbage\u0000\u0001\n: a comment\nfoo: bar\n\n\n");
                    x.end();
                },
                BROKEN);
        on(
                "error-event",
                x -> {
                    x.half();
                    if (x.isStreamed()) {
                        x.chunk("data: {\"error\":{\"message\":\"Upstream overloaded\",\"code\":502}}\n\n");
                        x.end();
                    }
                },
                BREAKS.saying("Upstream overloaded"),
                BROKEN);
        on(
                "no-done",
                x -> {
                    if (x.isStreamed()) {
                        x.beginStream();
                        for (String event : x.goodEvents()) {
                            x.chunk(event.contains("[DONE]") ? ": bye\n\n" : event);
                        }
                        x.end();
                    } else {
                        x.good();
                    }
                },
                Outcome.GOOD);
        on(
                "wrong-type",
                x -> x.raw(x.goodResponse().replaceFirst("(?m)^Content-Type: .*$", "Content-Type: text/html\r")),
                Outcome.GOOD);
        on("whole-for-stream", x -> x.json("200 OK", x.wholeJson(TEXT)), Outcome.GOOD);
    }

    private static void settle() {
        LockSupport.parkNanos(SETTLING.toNanos());
    }

    private static void silences() {
        on("silent", FaultUpstream.Exchange::hold, SILENT, SILENT_WHOLE);
        on(
                "silent-after-head",
                x -> {
                    x.beginStream();
                    x.hold();
                },
                SILENT,
                SILENT_WHOLE);
        on(
                "comments-only",
                x -> {
                    x.beginStream();
                    while (true) {
                        x.chunk(": processing\n\n");
                        LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
                    }
                },
                SILENT,
                SILENT_WHOLE);
        on(
                "silent-within",
                x -> {
                    x.half();
                    x.hold();
                },
                Outcome.breaks("timeout", "gapTimeoutMs").within(GAP),
                SILENT_WHOLE);
    }

    private static void slowAndLong() {
        on(
                "drip",
                x -> {
                    String response = x.goodResponse();
                    for (int i = 0; i < response.length(); i++) {
                        x.raw(response.substring(i, i + 1));
                        LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
                    }
                },
                Outcome.GOOD.within(STREAM));
        on(
                "big",
                x -> {
                    if (x.isStreamed()) {
                        x.beginStream();
                        for (int i = 0; i < BIG_PIECES; i++) {
                            x.delta(BIG_PIECE);
                        }
                        for (String event : x.goodEvents()) {
                            x.chunk(event);
                        }
                        x.end();
                    } else {
                        x.json("200 OK", x.wholeJson(BIG_PIECE.repeat(BIG_PIECES)));
                    }
                },
                Outcome.GOOD.within(STREAM),
                Outcome.fails(422, "limit_reached", "maxAnswerBytes"));
        on(
                "endless-line",
                x -> {
                    x.beginStream();
                    x.chunk("data: ");
                    while (true) {
                        x.chunk(BIG_PIECE);
                    }
                },
                Outcome.fails(422, "limit_reached", "maxAnswerBytes"));
        on(
                "endless",
                x -> {
                    x.beginStream();
                    while (true) {
                        x.delta("and ");
                        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
                    }
                },
                Outcome.breaks("timeout", "streamTimeoutMs").within(STREAM),
                Outcome.fails(504, "timeout", "streamTimeoutMs").within(STREAM));
    }

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        define();
        String instance = "apiKey = " + KEY + "\nmaxAnswerBytes = 1048576\nbaseUrl = ";
        host = Host.unpack("upstream-faults")
                // A ping that comes before the first event settles the status.
                .withSettings("org.llmgine.http", "heartbeatMs = 60000\n")
                .withSettings("org.llmgine.provider.openai-fault", instance + UPSTREAM.uri() + "\n")
                .withSettings(
                        "org.llmgine.provider.openai-nobody",
                        instance + "http://127.0.0.1:" + Host.freePort() + "/v1\n")
                .withSettings(
                        "org.llmgine.core", """
                        defaultModel = openai~fault/good
                        aliases = chain=openai~nobody/x openai~fault/500-json openai~fault/silent openai~fault/good, \\
                          hopeless=openai~fault/401 openai~fault/429-seconds
                        firstEventTimeoutMs = %1$d
                        wholeAnswerTimeoutMs = %1$d
                        gapTimeoutMs = %2$d
                        streamTimeoutMs = %3$d
                        retries = 1
                        retryDelayMs = 50
                        breakerFailures = 1000000
                        """.formatted(FIRST_EVENT.toMillis(), GAP.toMillis(), STREAM.toMillis()))
                .start();
    }

    @AfterAll
    static void stop() throws IOException {
        host.close();
        UPSTREAM.close();
    }

    @TestFactory
    Stream<DynamicTest> theCallerGetsWhatIsRightAndNothingIsLeft() {
        host.api().ask("openai~fault/good", "go");
        Map<String, Long> threads = new Jvm(host.jvm()).threadKinds();
        List<DynamicTest> tests = new ArrayList<>();
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
        // What takes its time takes it at once; the rest goes a few at a time, so that a busy machine keeps the
        // deadlines.
        ExecutorService few = Executors.newFixedThreadPool(6, Thread.ofVirtual().factory());
        CASES.forEach((model, expected) -> {
            ExecutorService some = expected.waits() ? callers : few;
            Future<Got> streamed = some.submit(() -> streamed("openai~fault/" + model));
            tests.add(dynamicTest(model + ", streamed", () -> check(model, streamed.get(), expected.streamed())));
            Future<Got> whole = some.submit(() -> whole("openai~fault/" + model));
            tests.add(dynamicTest(model + ", whole", () -> check(model, whole.get(), expected.whole())));
            if (!model.equals("429-once")) {
                Future<Got> turn = some.submit(() -> turn("openai~fault/" + model));
                tests.add(dynamicTest(
                        model + ", a session's turn", () -> check(model, turn.get(), expected.turn(model))));
            }
        });
        Future<Got> refused = few.submit(() -> whole("openai~nobody/x"));
        tests.add(dynamicTest(
                "connection refused",
                () -> check("", refused.get(), Outcome.fails(503, "unavailable", "the connection was refused"))));
        Future<Got> chain = callers.submit(() -> whole("chain"));
        tests.add(dynamicTest("a chain is served by the first that can", () -> {
            check("", chain.get(), Outcome.GOOD.within(FIRST_EVENT));
            assertThat(chain.get().model()).isEqualTo("openai~fault/good");
        }));
        Future<Got> hopeless = few.submit(() -> streamed("hopeless"));
        tests.add(dynamicTest(
                "of a hopeless chain the last failure is told",
                () -> check(
                        "",
                        hopeless.get(),
                        Outcome.fails(429, "rate_limited", "Also tried: openai~fault/401 (provider_auth)."))));
        Future<Duration> left = callers.submit(UpstreamFaultIT::leave);
        tests.add(dynamicTest(
                "who leaves ends the request", () -> assertThat(left.get()).isLessThan(Heartbeats.TWO)));
        tests.add(dynamicTest("a pause that is asked for is kept", UpstreamFaultIT::theAskedPauseIsKept));
        tests.add(dynamicTest("the key goes to its back-end only", UpstreamFaultIT::theKeyStays));
        tests.add(dynamicTest("nothing is left", () -> nothingIsLeft(threads)));
        callers.shutdown();
        few.shutdown();
        return tests.stream();
    }

    /** What a caller got, and after how long. */
    private record Got(
            int status, String text, String code, String message, String model, String retryAfter, Duration after) {}

    private static Got streamed(String model) {
        long begin = System.nanoTime();
        StringBuilder text = new StringBuilder();
        String error = "";
        String message = "";
        boolean done = false;
        String served = "";
        try (ChatStream stream = host.api().open(model, "go")) {
            for (Optional<String> line = stream.next(); line.isPresent(); line = stream.next()) {
                String data = line.get().startsWith("data: ") ? line.get().substring("data: ".length()) : line.get();
                if (data.startsWith("{")) {
                    JsonNode chunk = Api.parse(data);
                    text.append(chunk.path("choices")
                            .path(0)
                            .path("delta")
                            .path("content")
                            .asText());
                    error = chunk.path("error").path("code").asText(error);
                    message = chunk.path("error").path("message").asText(message);
                    served = chunk.path("model").asText(served);
                }
                done |= data.equals("[DONE]");
            }
            String code = error.isEmpty() && !done ? "ended without [DONE]" : error;
            assertThat(done && !error.isEmpty()).as("an error and [DONE]").isFalse();
            return new Got(
                    stream.status(),
                    text.toString(),
                    code,
                    message,
                    served,
                    stream.header("Retry-After").orElse(""),
                    Duration.ofNanos(System.nanoTime() - begin));
        }
    }

    private static Got turn(String model) {
        long begin = System.nanoTime();
        HttpResponse<String> session = host.api().post("/api/sessions", "{\"model\":\"" + model + "\"}");
        assertThat(session.statusCode()).as(session.body()).isEqualTo(201);
        String id = Api.parse(session.body()).path("id").asText();
        HttpResponse<String> turn = host.api().post("/api/sessions/" + id + "/turns", "{\"prompt\":\"go\"}");
        StringBuilder text = new StringBuilder();
        String name = "";
        JsonNode last = Api.parse("{}");
        for (String line : turn.body().lines().toList()) {
            if (line.startsWith("event: ")) {
                name = line.substring("event: ".length());
            } else if (line.startsWith("data: ")) {
                last = Api.parse(line.substring("data: ".length()));
                text.append(name.equals("delta") ? last.path("text").asText() : "");
            }
        }
        assertThat(name).as("the last event").isIn("done", "error");
        return new Got(
                turn.statusCode(),
                text.toString(),
                last.path("code").asText(),
                last.path("message").asText() + " " + last.path("hint").asText(),
                model,
                "",
                Duration.ofNanos(System.nanoTime() - begin));
    }

    private static Got whole(String model) {
        long begin = System.nanoTime();
        HttpResponse<String> response = host.api().askWhole(model, "go");
        JsonNode body = Api.parse(response.body());
        return new Got(
                response.statusCode(),
                body.path("choices").path(0).path("message").path("content").asText(),
                body.path("error").path("code").asText(),
                body.path("error").path("message").asText(),
                body.path("model").asText(),
                response.headers().firstValue("Retry-After").orElse(""),
                Duration.ofNanos(System.nanoTime() - begin));
    }

    private static void check(String model, Got got, Outcome expected) {
        assertThat(got.status()).as("%s", got).isEqualTo(expected.status());
        assertThat(got.code()).as("%s", got).isEqualTo(expected.code());
        assertThat(got.message()).contains(expected.words()).doesNotContain(KEY, "Exception");
        assertThat(got.after()).as("%s", got).isLessThan(expected.limit());
        if (expected.code().isEmpty()) {
            String text = model.equals("big") && got.text().length() > TEXT.length()
                    ? BIG_PIECE.repeat(BIG_PIECES) + TEXT
                    : TEXT;
            assertThat(got.text().equals(text))
                    .as("whole: %s characters", got.text().length())
                    .isTrue();
        } else if (expected.begun()) {
            assertThat(got.text().startsWith(begin(model)))
                    .as("begins as it should")
                    .isTrue();
        } else {
            assertThat(got.text()).isEmpty();
        }
        if (got.status() == 429) {
            assertThat(Integer.parseInt(got.retryAfter())).isBetween(model.equals("429-date") ? 30 : 60, 60);
        }
    }

    private static String begin(String model) {
        return switch (model) {
            case "endless" -> "and and ";
            case "big" -> BIG_PIECE;
            default -> "one two three ";
        };
    }

    @Test
    void whatOnlyTheBackEndKnowsPassesUntouchedBothWays() {
        UPSTREAM.on("extended", x -> x.json("200 OK", """
                {"id":"c","object":"chat.completion","created":1,"model":"m","system_fingerprint":"fp_1","x_answer":{"a":[1]},
                 "choices":[{"index":0,"finish_reason":"stop","native_finish_reason":"end_turn","message":
                 {"role":"assistant","content":"Hi","reasoning_content":"Hm.","reasoning_details":[{"id":"r1"}]}}]}"""));
        OpenAIClient client = OpenAIOkHttpClient.builder()
                .baseUrl(host.uri() + "/v1")
                .apiKey(Host.ADMIN_KEY)
                .maxRetries(0)
                .build();

        ChatCompletion answer = client.chat()
                .completions()
                .create(ChatCompletionCreateParams.builder()
                        .model("openai~fault/extended")
                        .addMessage(ChatCompletionAssistantMessageParam.builder()
                                .content("Before.")
                                .putAdditionalProperty("reasoning_details", JsonValue.from(List.of(Map.of("id", "r0"))))
                                .build())
                        .addUserMessage("go")
                        .putAdditionalBodyProperty("top_k", JsonValue.from(5))
                        .putAdditionalBodyProperty("provider", JsonValue.from(Map.of("order", List.of("a"))))
                        .build());

        JsonNode asked = UPSTREAM.exchanges("extended").getLast().body();
        assertThat(asked.path("top_k").asInt()).isEqualTo(5);
        assertThat(asked.path("provider")).hasToString("{\"order\":[\"a\"]}");
        assertThat(asked.path("messages").path(0).path("reasoning_details")).hasToString("[{\"id\":\"r0\"}]");
        assertThat(answer._additionalProperties().get("x_answer")).hasToString("{a=[1]}");
        assertThat(answer.systemFingerprint()).contains("fp_1");
        ChatCompletion.Choice choice = answer.choices().getFirst();
        assertThat(choice._additionalProperties().get("native_finish_reason")).hasToString("end_turn");
        assertThat(choice.message()._additionalProperties().get("reasoning_content"))
                .hasToString("Hm.");
        assertThat(choice.message()._additionalProperties().get("reasoning_details"))
                .hasToString("[{id=r1}]");
    }

    /** Leave an endless stream and tell how long the back-end didn't notice. */
    private static Duration leave() {
        UPSTREAM.on("left", x -> {
            x.beginStream();
            while (true) {
                x.delta("on ");
                LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            }
        });
        try (ChatStream stream = host.api().open("openai~fault/left", "go")) {
            stream.next();
            stream.next();
        }
        long begin = System.nanoTime();
        Until.holds(
                Heartbeats.TWO.plus(SLACK),
                () -> "the request goes on",
                () -> !UPSTREAM.running().contains("left"));
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private static void theAskedPauseIsKept() {
        for (boolean streamed : List.of(true, false)) {
            List<FaultUpstream.Exchange> tries = UPSTREAM.exchanges("429-once").stream()
                    .filter(exchange -> exchange.isStreamed() == streamed)
                    .toList();
            assertThat(tries).hasSize(2);
            assertThat(tries.getLast().nanoTime() - tries.getFirst().nanoTime())
                    .isGreaterThan(Duration.ofSeconds(1).toNanos());
        }
    }

    private static void theKeyStays() throws IOException {
        assertThat(UPSTREAM.exchanges("good"))
                .isNotEmpty()
                .allMatch(exchange -> exchange.header("authorization").equals("Bearer " + KEY));
        assertThat(UPSTREAM.exchanges("GET /v1/elsewhere HTTP/1.1")).isEmpty();
        assertThat(UPSTREAM.exchanges("POST /v1/elsewhere HTTP/1.1")).isEmpty();
        assertThat(host.everythingLogged()).doesNotContain(KEY);
    }

    private static void nothingIsLeft(Map<String, Long> threadsBefore) {
        Until.holds(
                SLACK,
                () -> "requests go on: " + UPSTREAM.running(),
                () -> UPSTREAM.running().isEmpty());
        Until.holds(
                SLACK,
                () -> "calls are in flight still",
                () -> inFlight("providers", "openai~fault") == 0
                        && inFlight("providers", "openai~nobody") == 0
                        && inFlight("engines", "single-pass") == 0);
        Jvm jvm = new Jvm(host.jvm());
        Until.holds(
                SLACK,
                () -> "threads are still in our code:\n" + jvm.allThreads(),
                () -> !jvm.allThreads().contains("GuardedStream")
                        && !jvm.allThreads().contains("org.llmgine.provider.openai"));
        Until.holds(
                SLACK,
                () -> "threads then: " + own(threadsBefore) + "\nthreads now:  " + own(jvm.threadKinds()),
                () -> own(jvm.threadKinds()).equals(own(threadsBefore)));
    }

    private static int inFlight(String kind, String name) {
        return host.api().instance(kind, name).path("inFlight").asInt(-1);
    }

    /** Leave out the threads of the virtual machine and of the server's and the database's pool, which come and go. */
    private static Map<String, Long> own(Map<String, Long> kinds) {
        Map<String, Long> own = new LinkedHashMap<>(kinds);
        own.keySet()
                .removeIf(name ->
                        name.startsWith("llmgine:") || (!name.contains("HttpClient") && !name.contains("llmgine")));
        return own;
    }

    private static String error(String message, String code) {
        return "{\"error\":{\"message\":\"" + message + "\",\"type\":\"x\",\"param\":null,\"code\":\"" + code + "\"}}";
    }
}
