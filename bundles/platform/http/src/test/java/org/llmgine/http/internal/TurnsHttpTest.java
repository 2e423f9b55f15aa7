package org.llmgine.http.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.message.ImagePart;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.ModelStarted;
import org.llmgine.api.stream.ReasoningDelta;
import org.llmgine.api.stream.RefusalDelta;
import org.llmgine.api.stream.StatusUpdate;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolCallDelta;
import org.llmgine.api.stream.ToolFinished;
import org.llmgine.api.stream.ToolStarted;
import org.llmgine.api.stream.Usage;
import org.llmgine.api.stream.UsageUpdate;
import org.llmgine.api.tool.ToolResult;
import org.llmgine.core.command.Command;
import org.llmgine.core.session.ApprovalDecided;
import org.llmgine.core.session.ApprovalRequired;
import org.llmgine.core.session.CancelTurn;
import org.llmgine.core.session.FollowTurn;
import org.llmgine.core.session.GetTurn;
import org.llmgine.core.session.GetTurnMessages;
import org.llmgine.core.session.ListTurns;
import org.llmgine.core.session.StartTurn;
import org.llmgine.core.session.TurnEnded;
import org.llmgine.http.internal.FakeSessions.FakeReader;

@Timeout(60)
class TurnsHttpTest {
    private static final String TURNS = "/api/sessions/sess_1/turns";
    private static final Duration BEYOND_HEARTBEAT = Duration.ofSeconds(6);
    private static final String COMPLETED =
            "{\"id\":\"turn_1\",\"session\":\"sess_1\",\"state\":\"completed\",\"prompt\":\"msg_1\","
                    + "\"engine\":\"tool-chat\",\"model\":\"fake/plain\",\"created\":\"2026-11-22T10:00:00Z\","
                    + "\"ended\":\"2026-11-22T10:00:01.500Z\",\"finishReason\":\"stop\",\"usage\":{\"inputTokens\":3,"
                    + "\"outputTokens\":2,\"totalTokens\":5,\"cachedInputTokens\":1,\"reasoningTokens\":0}}";
    private static final String RUNNING =
            "{\"id\":\"turn_1\",\"session\":\"sess_1\",\"state\":\"running\",\"prompt\":\"msg_1\","
                    + "\"engine\":\"tool-chat\",\"created\":\"2026-11-22T10:00:00Z\"}";
    private static final String ERROR = "\"code\":\"provider_error\",\"message\":\"The back-end broke.\","
            + "\"hint\":\"Try again.\",\"field\":\"model\",\"retryable\":true";
    private static final String FAILED =
            "{\"id\":\"turn_1\",\"session\":\"sess_1\",\"state\":\"failed\",\"prompt\":\"msg_1\","
                    + "\"engine\":\"tool-chat\",\"model\":\"fake/plain\",\"created\":\"2026-11-22T10:00:00Z\","
                    + "\"ended\":\"2026-11-22T10:00:01.500Z\",\"error\":{" + ERROR + "}}";

    private static Host host;
    private FakeReader reader = new FakeReader();

    @BeforeAll
    static void start() throws Exception {
        host = new Host();
    }

    @AfterAll
    static void stop() throws Exception {
        host.close();
    }

    @BeforeEach
    void forget() {
        host.commands.sessions.asked.clear();
        host.commands.sessions.reader = reader;
    }

    @Test
    void aTurnIsStreamedWithTheIdsOfItsEvents() throws Exception {
        reader.add(new StatusUpdate("thinking", "It \"thinks\"."));
        reader.add(new ModelStarted("fake/plain"));
        reader.add(new ReasoningDelta("Hm."));
        reader.add(new TextDelta("Hé\n"));
        reader.add(new RefusalDelta("No."));
        reader.add(new ToolCallDelta(0, "c1", "add", "{}"));
        ToolCall call = new ToolCall("c1", "add", "{\"a\":1}");
        reader.add(new ToolStarted(call));
        ToolResult result =
                new ToolResult(List.of(new TextPart("3"), new ImagePart("data:x", "auto"), new TextPart("!")), true);
        reader.add(new ToolFinished(call, result, Duration.ofMillis(12)));
        reader.add(new UsageUpdate(new Usage(3, 2, 1, 0)));
        reader.add(new Finish("stop"));
        reader.add(new TurnEnded(FakeSessions.COMPLETED));

        HttpResponse<String> response = post("{\"prompt\":\"1+2?\"}");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-cache");
        assertThat(response.headers().firstValue("Content-Location")).hasValue(TURNS + "/turn_1");
        assertThat(response.body())
                .isEqualTo(event(1, "status", "{\"phase\":\"thinking\",\"text\":\"It \\\"thinks\\\".\"}")
                        + event(
                                2,
                                "status",
                                "{\"phase\":\"model\",\"text\":\"fake/plain answers.\",\"model\":\"fake/plain\"}")
                        + event(3, "reasoning", "{\"text\":\"Hm.\"}")
                        + event(4, "delta", "{\"text\":\"Hé\\n\"}")
                        + event(5, "delta", "{\"refusal\":\"No.\"}")
                        + event(7, "tool_call", "{\"id\":\"c1\",\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}")
                        + event(
                                8,
                                "tool_result",
                                "{\"id\":\"c1\",\"name\":\"add\",\"text\":\"3!\",\"isError\":true,\"elapsedMs\":12}")
                        + event(
                                9,
                                "usage",
                                "{\"inputTokens\":3,\"outputTokens\":2,\"totalTokens\":5,\"cachedInputTokens\":1,\"reasoningTokens\":0}")
                        + event(11, "done", "{\"turn\":" + COMPLETED + "}"));
        assertThat(reader.isClosed()).isTrue();
        StartTurn asked = asked(StartTurn.class);
        assertThat(asked.sessionId()).isEqualTo("sess_1");
        assertThat(asked.principal().name()).isEqualTo("tester");
        assertThat(asked.draft().prompt()).containsExactly(new TextPart("1+2?"));
        assertThat(asked.draft().replaces()).isEmpty();
        FollowTurn followed = asked(FollowTurn.class);
        assertThat(followed.turnId()).isEqualTo("turn_1");
        assertThat(followed.afterSeq()).isZero();
    }

    @Test
    void whatATurnWaitsForIsStreamed() throws Exception {
        reader.add(new ApprovalRequired(FakeSessions.ASKED));
        reader.add(new ApprovalDecided(FakeSessions.DENIED));
        reader.add(new TurnEnded(FakeSessions.SUSPENDED));

        assertThat(post("{\"prompt\":\"1+2?\"}").body())
                .isEqualTo(event(1, "approval_required", ApprovalsHttpTest.ASKED)
                        + event(2, "approval_decided", ApprovalsHttpTest.DENIED)
                        + event(3, "suspended", "{\"turn\":" + ApprovalsHttpTest.SUSPENDED + "}"));
    }

    @Test
    void whoWaitsForTheEndLearnsThatPeopleAreAsked() throws Exception {
        host.commands.sessions.turn = FakeSessions.SUSPENDED;
        reader.add(new ApprovalRequired(FakeSessions.ASKED));

        HttpResponse<String> response = post("{\"prompt\":\"1+2?\",\"stream\":false}");
        host.commands.sessions.turn = FakeSessions.FAILED;

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).startsWith("{\"turn\":" + ApprovalsHttpTest.WAITING + ",\"messages\":[");
        reader = new FakeReader();
        host.commands.sessions.reader = reader;
        reader.add(new ApprovalRequired(FakeSessions.ASKED));
        reader.add(new TurnEnded(FakeSessions.COMPLETED));
        assertThat(post("{\"prompt\":\"1+2?\",\"stream\":false}").body()).startsWith("{\"turn\":" + COMPLETED);
    }

    @Test
    void aTurnThatFailsEndsWithAnErrorEvent() throws Exception {
        reader.add(new TextDelta("Half"));
        reader.add(new TurnEnded(FakeSessions.FAILED));

        HttpResponse<String> response = post("{\"prompt\":\"1+2?\"}");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body())
                .isEqualTo(event(1, "delta", "{\"text\":\"Half\"}")
                        + event(2, "error", "{" + ERROR + ",\"turn\":" + FAILED + "}"));
    }

    @Test
    void theHeadLeavesAtOnceAndEachEventAsItComes() throws Exception {
        try (Socket socket = host.connect()) {
            BufferedReader in = send(socket, "{\"prompt\":\"1+2?\"}");
            assertThat(in.readLine()).isEqualTo("HTTP/1.1 200 OK");
            assertThat(untilLine(in, "Content-Location")).endsWith("/turn_1");
            assertThat(untilLine(in, ":")).isEqualTo(":");
            reader.add(new TextDelta("one"));
            assertThat(untilLine(in, "data:")).contains("one");
            reader.add(new Finish("stop"));
            reader.add(new TextDelta("two"));
            assertThat(untilLine(in, "id:")).isEqualTo("id: turn_1:3");
            assertThat(untilPinged(in)).isEqualTo(": ping");
            reader.add(new TurnEnded(FakeSessions.COMPLETED));
            assertThat(untilLine(in, "event:")).isEqualTo("event: done");
        }
        reader.awaitClose();
    }

    @Test
    void aReaderThatLeavesIsClosedAndTheTurnIsNotCancelled() throws Exception {
        Socket socket = host.connect();
        BufferedReader in = send(socket, "{\"prompt\":\"1+2?\"}");
        assertThat(untilLine(in, ":")).isEqualTo(":");
        socket.close();
        // The first ping after the departure may still find room in the kernel's buffer.
        while (!reader.isClosed()) {
            host.timer.roundIn(BEYOND_HEARTBEAT);
        }

        assertThat(host.commands.sessions.takeAsked())
                .extracting(Command::getClass)
                .containsExactly((Class) StartTurn.class, FollowTurn.class);
    }

    @Test
    void muchThatIsThereLeavesInPieces() throws Exception {
        String word = "x".repeat(1000);
        for (int i = 0; i < 100; i++) {
            reader.add(new TextDelta(word));
        }
        reader.add(new TurnEnded(FakeSessions.COMPLETED));

        String body = post("{\"prompt\":\"1+2?\"}").body();

        assertThat(body.split("\n\n")).hasSize(101);
        assertThat(body)
                .startsWith(event(1, "delta", "{\"text\":\"" + word + "\"}"))
                .contains("id: turn_1:101\n");
    }

    @Test
    void aTurnThatCannotBeginHasItsStatus() throws Exception {
        host.commands.sessions.failure = Optional.of(
                new LlmgineException(ErrorCode.BUSY, "A turn is in progress.").withRetryAfter(Duration.ofSeconds(2)));

        HttpResponse<String> response = post("{\"prompt\":\"1+2?\"}");

        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(response.headers().firstValue("Retry-After")).hasValue("2");
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    }

    @Test
    void whatBreaksWhileItIsReadCutsTheStream() throws Exception {
        try (Socket socket = host.connect()) {
            BufferedReader in = send(socket, "{\"prompt\":\"1+2?\"}");
            reader.add(new TextDelta("Half"));
            assertThat(untilLine(in, "data:")).contains("Half");
            reader.fail(new LlmgineException(ErrorCode.INTERRUPTED, "The host stops."));
            // The empty last chunk.
            assertThat(untilLine(in, "0")).isEqualTo("0");
        }
        reader.awaitClose();
    }

    @Test
    void whatBreaksBeforeAnythingIsSentIsAProblem() throws Exception {
        reader.fail(new IllegalStateException("secret"));

        HttpResponse<String> response = post("{\"prompt\":\"1+2?\"}");

        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.body()).contains("\"code\":\"internal\"").doesNotContain("secret");
        assertThat(reader.isClosed()).isTrue();
    }

    @Test
    void aTurnsEndMayBeWaitedFor() throws Exception {
        reader.add(new TextDelta("It is 3."));
        reader.add(new TurnEnded(FakeSessions.COMPLETED));

        HttpResponse<String> response = post("{\"prompt\":\"1+2?\",\"stream\":false}");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(response.headers().firstValue("Content-Location")).hasValue(TURNS + "/turn_1");
        assertThat(response.body()).startsWith("{\"turn\":" + COMPLETED + ",\"messages\":[");
        JsonNode messages = new JsonMapper().readTree(response.body()).path("messages");
        assertThat(messages.findValuesAsText("id")).startsWith("msg_1").doesNotContain("msg_4");
        assertThat(messages).hasSize(3);
        assertThat(reader.isClosed()).isTrue();
        assertThat(host.commands.sessions.takeAsked().getLast()).isInstanceOf(GetTurnMessages.class);
    }

    @Test
    void aTurnThatFailsWhileItIsWaitedForIsAProblem() throws Exception {
        reader.add(new TextDelta("Half"));
        reader.add(new TurnEnded(FakeSessions.FAILED));

        HttpResponse<String> response = post("{\"prompt\":\"1+2?\",\"stream\":false}");

        assertThat(response.statusCode()).isEqualTo(502);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(response.body())
                .isEqualTo("{\"type\":\"about:blank\",\"title\":\"Bad Gateway\",\"status\":502,"
                        + "\"detail\":\"The back-end broke.\",\"code\":\"provider_error\",\"hint\":\"Try again.\","
                        + "\"field\":\"model\"}");
        assertThat(reader.isClosed()).isTrue();
    }

    @Test
    void eventsWithoutAnEndAreADefect() throws Exception {
        reader.end();

        assertThat(post("{\"prompt\":\"1+2?\",\"stream\":false}").statusCode()).isEqualTo(500);
    }

    @Test
    void aTurnMayBeLeftToItself() throws Exception {
        HttpResponse<String> response = post("{\"replaces\":\"msg_1\",\"detach\":true}");

        assertThat(response.statusCode()).isEqualTo(202);
        assertThat(response.headers().firstValue("Location")).hasValue(TURNS + "/turn_1");
        assertThat(response.body()).isEqualTo(RUNNING);
        StartTurn asked = asked(StartTurn.class);
        assertThat(asked.draft().prompt()).isEmpty();
        assertThat(asked.draft().replaces()).hasValue("msg_1");
        assertThat(host.commands.sessions.asked).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                             | prompt
            {"prompt": null}                               | prompt
            {"prompt": 7}                                  | prompt
            {"prompt": []}                                 | prompt
            {"prompt": [{"type": "smell"}]}                | prompt[0].type
            {"prompt": [{"type": "image_url", "image_url": {"url": "x"}}]} | prompt[0].image_url.url
            {"prompt": "x", "replaces": 7}                 | replaces
            {"prompt": "x", "stream": "yes"}               | stream
            {"prompt": "x", "detach": 1}                   | detach
            {"prompt": "x", "detach": true, "stream": true} | stream
            {"prompt": "x", "model": "fake/plain"}         | model
            """)
    void aBadFieldIsRefusedByName(String body, String field) throws Exception {
        HttpResponse<String> response = post(body);

        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(new JsonMapper().readTree(response.body()).path("field").asText())
                .isEqualTo(field);
        assertThat(host.commands.sessions.asked).isEmpty();
    }

    @Test
    void turnsAreListedReadAndCancelled() throws Exception {
        assertThat(host.get(TURNS).body()).isEqualTo("{\"items\":[" + COMPLETED + "," + RUNNING + "]}");
        assertThat(asked(ListTurns.class).sessionId()).isEqualTo("sess_1");
        assertThat(host.get(TURNS + "/turn_1").body()).isEqualTo(FAILED);
        assertThat(asked(GetTurn.class).turnId()).isEqualTo("turn_1");
        HttpResponse<String> cancelled = host.client.send(
                host.request(TURNS + "/turn_1").DELETE().build(), HttpResponse.BodyHandlers.ofString());
        assertThat(cancelled.body()).isEqualTo(COMPLETED);
        assertThat(asked(CancelTurn.class).turnId()).isEqualTo("turn_1");
    }

    @Test
    void aStreamIsTakenUpAfterTheLastKnownEvent() throws Exception {
        host.commands.sessions.reader =
                new FakeReader(41, new TextDelta("rest"), new TurnEnded(FakeSessions.COMPLETED));
        HttpResponse<String> byHeader = follow("", "Last-Event-ID", "turn_1:41");

        assertThat(byHeader.statusCode()).isEqualTo(200);
        assertThat(byHeader.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        assertThat(byHeader.body())
                .isEqualTo(
                        event(42, "delta", "{\"text\":\"rest\"}") + event(43, "done", "{\"turn\":" + COMPLETED + "}"));
        assertThat(asked(FollowTurn.class).afterSeq()).isEqualTo(41);

        host.commands.sessions.reader = new FakeReader(7, new TurnEnded(FakeSessions.COMPLETED));
        follow("?after=7", "X-Other", "x");
        assertThat(asked(FollowTurn.class).afterSeq()).isEqualTo(7);

        // A client that reconnects by itself asks at the old address.
        host.commands.sessions.reader = new FakeReader(9, new TurnEnded(FakeSessions.COMPLETED));
        follow("?after=7", "Last-Event-ID", "turn_1:9");
        assertThat(asked(FollowTurn.class).afterSeq()).isEqualTo(9);

        host.commands.sessions.reader = new FakeReader(0, new TurnEnded(FakeSessions.COMPLETED));
        follow("", "X-Other", "x");
        assertThat(asked(FollowTurn.class).afterSeq()).isZero();
    }

    @Test
    void whoKnowsTheLastEventIsToldThatThereIsNoMore() throws Exception {
        reader.end();

        HttpResponse<String> response = follow("", "Last-Event-ID", "turn_1:43");

        assertThat(response.statusCode()).isEqualTo(204);
        assertThat(response.body()).isEmpty();
        assertThat(reader.isClosed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "7", "turn_2:7", "turn_1:", "turn_1:-1", "turn_1:x", "turn_1:07", "turn_1:2147483648"})
    void aBadEventIdIsRefusedByTheHeadersName(String id) throws Exception {
        String answer = host.raw("GET " + TURNS + "/turn_1/stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                + "Authorization: Bearer " + FakeCommands.KEY + "\r\nLast-Event-ID: " + id + "\r\n\r\n");

        assertThat(answer)
                .startsWith("HTTP/1.1 400 ")
                .contains("\"field\":\"Last-Event-ID\"", "Last-Event-ID: must be");
        assertThat(host.commands.sessions.asked).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "-1", "1.0"})
    void aBadNumberIsRefused(String after) throws Exception {
        HttpResponse<String> response = follow("?after=" + after, "X-Other", "x");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("\"field\":\"after\"");
    }

    @ParameterizedTest
    @CsvSource({"invalid_request,400", "not_found,404"})
    void anEventBeyondTheLogIsRefusedByTheHeadersName(String code, int status) throws Exception {
        host.commands.sessions.failure = Optional.of(
                new LlmgineException(new ErrorCode(code, false), "The turn has 3 events.").withField("afterSeq"));

        HttpResponse<String> response = follow("", "Last-Event-ID", "turn_1:4");

        assertThat(response.statusCode()).isEqualTo(status);
        if (status == 400) {
            assertThat(response.body())
                    .contains("Last-Event-ID: The turn has 3 events.", "\"field\":\"Last-Event-ID\"");
        }
    }

    @Test
    void openStreamsAreCounted() throws Exception {
        long before = host.registry.timer("llmgine_http_first_event_seconds").getCount();
        reader.add(new TextDelta("one"));
        reader.add(new TurnEnded(FakeSessions.COMPLETED));
        post("{\"prompt\":\"1+2?\"}");

        assertThat(host.registry.timer("llmgine_http_first_event_seconds").getCount())
                .isEqualTo(before + 1);
        assertThat(host.registry.getNames())
                .anyMatch(name -> name.contains("method=\"POST\",path=\"/api/sessions/turns\""));
    }

    private static String event(long seq, String name, String data) {
        return "id: turn_1:" + seq + "\nevent: " + name + "\ndata: " + data + "\n\n";
    }

    private static <T> T asked(Class<T> type) throws InterruptedException {
        return type.cast(host.commands.sessions.asked.take());
    }

    private static HttpResponse<String> post(String body) throws Exception {
        return host.client.send(
                host.request(TURNS)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> follow(String query, String header, String value) throws Exception {
        return host.client.send(
                host.request(TURNS + "/turn_1/stream" + query)
                        .header(header, value)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static BufferedReader send(Socket socket, String body) throws Exception {
        socket.getOutputStream()
                .write(("POST " + TURNS + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                                + "Authorization: Bearer " + FakeCommands.KEY + "\r\nContent-Length: " + body.length()
                                + "\r\n\r\n" + body)
                        .getBytes(StandardCharsets.UTF_8));
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Who sent the last event may still hold the writer, and then no ping is due: rounds come until one is read. */
    private static String untilPinged(BufferedReader in) throws Exception {
        Thread rounds = Thread.ofVirtual().start(() -> {
            while (!Thread.interrupted()) {
                host.timer.roundIn(BEYOND_HEARTBEAT);
                Thread.yield();
            }
        });
        try {
            return untilLine(in, ":");
        } finally {
            rounds.interrupt();
            rounds.join();
        }
    }

    private static String untilLine(BufferedReader in, String start) throws Exception {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.startsWith(start)) {
                return line;
            }
        }
        throw new AssertionError("no line begins with " + start);
    }
}
