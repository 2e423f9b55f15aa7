package org.llmgine.http.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.engine.TurnEmitter;
import org.llmgine.api.stream.ExtensionUpdate;
import org.llmgine.api.stream.ModelStarted;
import org.llmgine.api.stream.ReasoningDelta;
import org.llmgine.api.stream.RefusalDelta;
import org.llmgine.api.stream.StatusUpdate;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolCallDelta;
import org.llmgine.core.command.RunTurn;
import org.llmgine.core.command.TurnSummary;

@Timeout(60)
class ChatStreamHttpTest {
    private static final String STREAM = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"stream\":true%s}";
    private static final Duration BEYOND_HEARTBEAT = Duration.ofSeconds(6);

    private static Host host;

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
        host.commands.keepsNothing = true;
        host.commands.turns.clear();
    }

    @Test
    void aStreamHasOpenAisForm() throws Exception {
        host.commands.script = turn -> {
            turn.emitter().emit(new ModelStarted("fake/plain"));
            turn.emitter().emit(new StatusUpdate("thinking", "Thinking."));
            turn.emitter().emit(new TextDelta("Hel"));
            turn.emitter().emit(new TextDelta("lo \"you\"\n😀"));
            return FakeCommands.summary("stop");
        };

        HttpResponse<String> response = host.chat(STREAM.formatted(""));

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-cache");
        assertThat(response.headers().firstValue("X-Accel-Buffering")).hasValue("no");
        List<String> events = events(response.body());
        assertThat(events).hasSize(5).last().isEqualTo("[DONE]");
        JsonNode first = json(events.getFirst());
        assertThat(first.path("id").asText()).startsWith("chatcmpl-");
        assertThat(first.path("object").asText()).isEqualTo("chat.completion.chunk");
        assertThat(first.path("created").asLong()).isPositive();
        assertThat(first.has("usage")).isFalse();
        assertThat(events.subList(0, 4)).allSatisfy(event -> {
            assertThat(json(event).path("model").asText()).isEqualTo("fake/plain");
            assertThat(json(event).path("id")).isEqualTo(first.path("id"));
        });
        assertThat(choices(events))
                .containsExactly(
                        "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}",
                        "{\"index\":0,\"delta\":{\"content\":\"Hel\"},\"finish_reason\":null}",
                        "{\"index\":0,\"delta\":{\"content\":\"lo \\\"you\\\"\\n😀\"},\"finish_reason\":null}",
                        "{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}");
    }

    @Test
    void toolCallsReasoningAndRefusalsAreRelayed() throws Exception {
        host.commands.script = turn -> {
            turn.emitter().emit(new ReasoningDelta("Hm."));
            turn.emitter().emit(new RefusalDelta("No."));
            turn.emitter().emit(new ToolCallDelta(0, "c1", "add", ""));
            turn.emitter().emit(new ToolCallDelta(1, "", "now", "{}"));
            turn.emitter().emit(new ToolCallDelta(0, "", "", "{\"a\":1}"));
            return FakeCommands.summary("tool_calls");
        };

        List<String> events = events(host.chat(STREAM.formatted("")).body());

        assertThat(choices(events))
                .containsExactly(
                        "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}",
                        "{\"index\":0,\"delta\":{\"reasoning_content\":\"Hm.\"},\"finish_reason\":null}",
                        "{\"index\":0,\"delta\":{\"refusal\":\"No.\"},\"finish_reason\":null}",
                        "{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"\"}}]},\"finish_reason\":null}",
                        "{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":1,\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"now\",\"arguments\":\"{}\"}}]},\"finish_reason\":null}",
                        "{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\":1}\"}}]},\"finish_reason\":null}",
                        "{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}");
    }

    @Test
    void whatOnlyTheBackEndKnowsIsRelayedUntouched() throws Exception {
        host.commands.script = turn -> {
            extendedAnswer(turn.emitter());
            return FakeCommands.summary("stop");
        };

        List<String> events = events(host.chat(STREAM.formatted(",\"stream_options\":{\"include_usage\":true}"))
                .body());

        String open = "\"index\":0,\"delta\":{},\"finish_reason\":null";
        assertThat(events.get(1))
                .endsWith("\"choices\":[{" + open
                        + "}],\"system_fingerprint\":\"fp\",\"provider\":{\"name\":\"x\"},\"usage\":null}");
        assertThat(events.subList(1, 7))
                .allSatisfy(
                        event -> assertThat(json(event).get("usage").isNull()).isTrue());
        assertThat(choices(events).subList(0, 7))
                .containsExactly(
                        "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}",
                        "{" + open + "}",
                        "{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":null}",
                        "{\"index\":0,\"delta\":{\"reasoning_details\":[{\"a\":1}]},\"finish_reason\":null}",
                        "{\"index\":0,\"delta\":{\"reasoning_details\":[{\"b\":null}],\"tag\":\"é\"},\"finish_reason\":null}",
                        "{" + open + ",\"native_finish_reason\":\"end\"}",
                        "{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}");
    }

    @Test
    void aWholeAnswerHasWhatOnlyTheBackEndKnows() throws Exception {
        host.commands.script = turn -> {
            extendedAnswer(turn.emitter());
            return FakeCommands.summary("stop");
        };

        JsonNode answer = json(host.chat("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}")
                .body());

        assertThat(answer.path("system_fingerprint").asText()).isEqualTo("fp");
        assertThat(answer.path("provider")).hasToString("{\"name\":\"x\"}");
        assertThat(answer.path("id").asText()).startsWith("chatcmpl-");
        JsonNode choice = answer.path("choices").path(0);
        assertThat(choice.path("native_finish_reason").asText()).isEqualTo("end");
        assertThat(choice.path("finish_reason").asText()).isEqualTo("stop");
        assertThat(choice.path("message"))
                .hasToString("{\"role\":\"assistant\",\"content\":\"Hi\",\"refusal\":null,"
                        + "\"reasoning_details\":[{\"a\":1},{\"b\":null}],\"tag\":\"é\"}");
    }

    private static void extendedAnswer(TurnEmitter emitter) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("system_fingerprint", "fp");
        answer.put("provider", Map.of("name", "x"));
        Map<String, Object> second = new LinkedHashMap<>();
        second.put("reasoning_details", List.of(Collections.singletonMap("b", null)));
        second.put("tag", "é");
        emitter.emit(new ExtensionUpdate(ExtensionUpdate.ANSWER, answer));
        emitter.emit(new TextDelta("Hi"));
        emitter.emit(new ExtensionUpdate(
                ExtensionUpdate.MESSAGE, Map.of("reasoning_details", List.of(Map.of("a", 1)), "content", "mine")));
        emitter.emit(new ExtensionUpdate(ExtensionUpdate.MESSAGE, second));
        emitter.emit(new ExtensionUpdate(
                ExtensionUpdate.CHOICE, Map.of("native_finish_reason", "end", "finish_reason", "mine")));
        emitter.emit(new ExtensionUpdate(ExtensionUpdate.ANSWER, Map.of("id", "mine")));
        emitter.emit(new ExtensionUpdate("elsewhere", Map.of("x", "y")));
    }

    @Test
    void whoTakesToolsIsForCoreToSay() throws Exception {
        host.commands.script = turn -> {
            assertThat(turn.request().tools()).hasSize(1);
            throw new LlmgineException(ErrorCode.UNSUPPORTED_FIELD, "It has its own.").withField("tools");
        };

        HttpResponse<String> response = host.chat(STREAM.formatted(
                ",\"model\":\"engine/chat\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}}]"));

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body())
                .isEqualTo(
                        "{\"error\":{\"message\":\"It has its own.\",\"type\":\"invalid_request_error\",\"param\":\"tools\",\"code\":\"unsupported_field\"}}");
    }

    @Test
    void theUsageComesInAChunkOfItsOwn() throws Exception {
        host.commands.script = FakeCommands.HELLO;

        List<String> events = events(host.chat(STREAM.formatted(",\"stream_options\":{\"include_usage\":true}"))
                .body());

        assertThat(events).hasSize(5);
        assertThat(events.subList(0, 3))
                .allSatisfy(
                        event -> assertThat(json(event).get("usage").isNull()).isTrue());
        assertThat(json(events.get(3)).path("choices")).isEmpty();
        assertThat(json(events.get(3)).path("usage"))
                .hasToString("{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5,"
                        + "\"prompt_tokens_details\":{\"cached_tokens\":1},"
                        + "\"completion_tokens_details\":{\"reasoning_tokens\":0}}");
    }

    @Test
    void anEmptyAnswerIsAWholeStream() throws Exception {
        host.commands.script = turn -> new TurnSummary("t", "fake/plain", Optional.empty(), "length");

        List<String> events = events(host.chat(STREAM.formatted(",\"stream_options\":{\"include_usage\":true}"))
                .body());

        assertThat(events).hasSize(3).last().isEqualTo("[DONE]");
        assertThat(choices(events).get(1)).endsWith("\"delta\":{},\"finish_reason\":\"length\"}");
    }

    @Test
    void theModelsNameFollowsTheOneThatAnswers() throws Exception {
        host.commands.script = turn -> {
            turn.emitter().emit(new ModelStarted("fake/one"));
            turn.emitter().emit(new TextDelta("1"));
            turn.emitter().emit(new ModelStarted("fake/two"));
            turn.emitter().emit(new TextDelta("2"));
            return FakeCommands.summary("stop");
        };

        assertThat(events(host.chat(STREAM.formatted("")).body()).stream()
                        .limit(4)
                        .map(event -> json(event).path("model").asText()))
                .containsExactly("fake/one", "fake/one", "fake/two", "fake/two");
    }

    @Test
    void aFailureBeforeTheFirstEventHasItsStatus() throws Exception {
        host.commands.script = turn -> {
            turn.emitter().emit(new ModelStarted("fake/plain"));
            throw new LlmgineException(ErrorCode.RATE_LIMITED, "The back-end is busy.")
                    .withHint("Wait.")
                    .withRetryAfter(Duration.ofMillis(2500));
        };

        HttpResponse<String> response = host.chat(STREAM.formatted(""));

        assertThat(response.statusCode()).isEqualTo(429);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(response.headers().firstValue("Retry-After")).hasValue("3");
        assertThat(response.body())
                .isEqualTo("{\"error\":{\"message\":\"The back-end is busy. Wait.\",\"type\":\"rate_limit_error\","
                        + "\"param\":null,\"code\":\"rate_limited\"}}");
    }

    @Test
    void aFailureAfterTheFirstEventEndsTheStreamWithoutDone() throws Exception {
        host.commands.script = turn -> {
            turn.emitter().emit(new TextDelta("Half"));
            throw new LlmgineException(ErrorCode.PROVIDER_ERROR, "The back-end's stream broke.");
        };

        List<String> events = events(host.chat(STREAM.formatted("")).body());

        assertThat(events).hasSize(3);
        assertThat(events.getLast())
                .isEqualTo("{\"error\":{\"message\":\"The back-end's stream broke.\",\"type\":\"server_error\","
                        + "\"param\":null,\"code\":\"provider_error\"}}");
    }

    @Test
    void aDefectTellsNothingOfItsInside() throws Exception {
        host.commands.script = turn -> {
            throw new IllegalStateException("secret inside");
        };
        HttpResponse<String> before = host.chat(STREAM.formatted(""));
        host.commands.script = turn -> {
            turn.emitter().emit(new TextDelta("Half"));
            throw new IllegalStateException("secret inside");
        };
        String after = host.chat(STREAM.formatted("")).body();

        assertThat(before.statusCode()).isEqualTo(500);
        assertThat(before.body()).contains("\"code\":\"internal\"").doesNotContain("secret", "Exception");
        assertThat(after).contains("\"code\":\"internal\"").doesNotContain("secret", "Exception", "[DONE]");
    }

    @Test
    void aSilentStreamIsPingedAndALaterFailureIsAnEvent() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        host.commands.script = turn -> {
            go.await();
            throw new LlmgineException(ErrorCode.TIMEOUT, "The back-end was too slow.");
        };
        try (Socket socket = host.connect()) {
            BufferedReader in = send(socket);
            host.commands.turns.take();
            host.timer.roundIn(BEYOND_HEARTBEAT);

            assertThat(in.readLine()).isEqualTo("HTTP/1.1 200 OK");
            assertThat(untilEvent(in)).isEqualTo(": ping");
            host.timer.roundIn(BEYOND_HEARTBEAT);
            assertThat(untilEvent(in)).isEqualTo(": ping");
            go.countDown();
            assertThat(untilEvent(in)).startsWith("data: {\"error\":").contains("\"timeout\"");
        }
    }

    @Test
    void aStreamThatTalksIsNotPinged() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        host.commands.script = turn -> {
            turn.emitter().emit(new TextDelta("now"));
            go.await();
            return FakeCommands.summary("stop");
        };
        long begun = System.nanoTime();
        try (Socket socket = host.connect()) {
            BufferedReader in = send(socket);
            assertThat(untilEvent(in)).contains("assistant");
            assertThat(untilEvent(in)).contains("now");
            host.timer.roundAt(begun + Duration.ofSeconds(4).toNanos());
            go.countDown();

            assertThat(untilEvent(in)).contains("\"finish_reason\":\"stop\"");
        }
        // The watch ends with the stream.
        while (host.timer.heartbeats() > 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void eachEventLeavesByItself() throws Exception {
        BlockingQueue<String> words = new LinkedBlockingQueue<>();
        host.commands.script = turn -> {
            for (int i = 0; i < 3; i++) {
                turn.emitter().emit(new TextDelta(words.take()));
            }
            return FakeCommands.summary("stop");
        };
        try (Socket socket = host.connect()) {
            BufferedReader in = send(socket);
            words.add("one");
            assertThat(untilEvent(in)).contains("assistant");
            assertThat(untilEvent(in)).contains("one");
            words.add("two");
            assertThat(untilEvent(in)).contains("two");
            words.add("three");
            assertThat(untilEvent(in)).contains("three");
        }
    }

    @Test
    void eventsThatAreKeptBackLeaveAfterAMoment() throws Exception {
        CountDownLatch kept = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        host.commands.keepsNothing = false;
        host.commands.script = turn -> {
            turn.emitter().emit(new TextDelta("one"));
            turn.emitter().emit(new TextDelta("two"));
            kept.countDown();
            go.await();
            return FakeCommands.summary("stop");
        };
        try (Socket socket = host.connect()) {
            BufferedReader in = send(socket);
            kept.await();
            host.timer.roundIn(Duration.ofMillis(100));

            assertThat(untilEvent(in)).contains("assistant");
            assertThat(untilEvent(in)).contains("one");
            assertThat(untilEvent(in)).contains("two");
            go.countDown();
            assertThat(untilEvent(in)).contains("\"finish_reason\":\"stop\"");
        }
    }

    @Test
    void aFailureAfterAKeptEventEndsTheStreamThatItBegan() throws Exception {
        host.commands.keepsNothing = false;
        host.commands.script = turn -> {
            turn.emitter().emit(new TextDelta("Half"));
            throw new LlmgineException(ErrorCode.PROVIDER_ERROR, "The back-end's stream broke.");
        };

        HttpResponse<String> response = host.chat(STREAM.formatted(""));

        assertThat(response.statusCode()).isEqualTo(200);
        List<String> events = events(response.body());
        assertThat(events).hasSize(3);
        assertThat(events.get(1)).contains("Half");
        assertThat(events.getLast()).contains("provider_error");
    }

    @Test
    void aLongAnswerIsNotKeptWhole() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        host.commands.keepsNothing = false;
        host.commands.script = turn -> {
            turn.emitter().emit(new TextDelta("x".repeat(10_000)));
            go.await();
            return FakeCommands.summary("stop");
        };
        try (Socket socket = host.connect()) {
            BufferedReader in = send(socket);

            assertThat(untilEvent(in)).contains("assistant");
            assertThat(untilEvent(in)).contains("xxx");
            go.countDown();
        }
    }

    @Test
    void aCallerThatLeavesCancelsASilentTurn() throws Exception {
        host.commands.script = ChatStreamHttpTest::untilCancelled;
        Socket socket = host.connect();
        BufferedReader in = send(socket);
        RunTurn turn = host.commands.turns.take();
        assertThat(untilEvent(in)).contains("assistant");
        CountDownLatch cancelled = new CountDownLatch(1);
        turn.cancellation().onCancel(cancelled::countDown);

        socket.close();
        // The first ping after the departure may still find room in the kernel's buffer.
        do {
            host.timer.roundIn(BEYOND_HEARTBEAT);
        } while (!cancelled.await(10, TimeUnit.MILLISECONDS));

        assertThat(turn.cancellation().isCancelled()).isTrue();
    }

    @Test
    void aCallerThatLeavesEndsATalkingTurn() throws Exception {
        BlockingQueue<LlmgineException> thrown = new LinkedBlockingQueue<>();
        host.commands.script = turn -> talkUntilThrown(turn.emitter(), thrown);
        Socket socket = host.connect();
        assertThat(untilEvent(send(socket))).contains("assistant");
        RunTurn turn = host.commands.turns.take();
        socket.setSoLinger(true, 0);
        socket.close();

        assertThat(thrown.take().code()).isEqualTo(ErrorCode.CANCELLED);
        assertThat(turn.cancellation().isCancelled()).isTrue();
    }

    @Test
    void aWorkThatIsCancelledWritesNoMore() throws Exception {
        host.commands.script = turn -> {
            turn.emitter().emit(new TextDelta("one"));
            turn.cancellation().cancel(new LlmgineException(ErrorCode.INTERRUPTED, "The host stops."));
            turn.emitter().emit(new TextDelta("two"));
            return FakeCommands.summary("stop");
        };

        assertThat(host.chat(STREAM.formatted("")).body())
                .contains("one", "\"code\":\"interrupted\"")
                .doesNotContain("two", "[DONE]");
    }

    @Test
    void theRequestAndItsCallerReachTheTurn() throws Exception {
        host.commands.script = FakeCommands.HELLO;

        host.chat(STREAM.formatted(",\"model\":\"fake/plain\",\"temperature\":0.5"));

        RunTurn turn = host.commands.turns.take();
        assertThat(turn.principal().name()).isEqualTo("tester");
        assertThat(turn.request().model()).isEqualTo("fake/plain");
        assertThat(turn.request().temperature().orElseThrow()).isEqualTo(0.5);
    }

    @Test
    void aWholeAnswerHasOpenAisForm() throws Exception {
        host.commands.script = turn -> {
            turn.emitter().emit(new ModelStarted("fake/plain"));
            turn.emitter().emit(new ReasoningDelta("Hm."));
            turn.emitter().emit(new TextDelta("Hel"));
            turn.emitter().emit(new TextDelta("lo"));
            return FakeCommands.summary("stop");
        };

        HttpResponse<String> response =
                host.chat("{\"model\":\"default\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        JsonNode answer = json(response.body());
        assertThat(answer.path("object").asText()).isEqualTo("chat.completion");
        assertThat(answer.path("model").asText()).isEqualTo("fake/plain");
        assertThat(answer.path("choices"))
                .hasToString(
                        "[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hello\","
                                + "\"reasoning_content\":\"Hm.\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}]");
        assertThat(answer.path("usage").path("total_tokens").asInt()).isEqualTo(5);
    }

    @Test
    void aWholeAnswerMayBeToolCallsOrARefusal() throws Exception {
        host.commands.script = turn -> {
            turn.emitter().emit(new ToolCallDelta(0, "c1", "add", "{\"a\""));
            turn.emitter().emit(new ToolCallDelta(1, "", "now", ""));
            turn.emitter().emit(new ToolCallDelta(0, "", "", ":1}"));
            return new TurnSummary("t", "fake/plain", Optional.empty(), "tool_calls");
        };
        JsonNode calls = json(host.chat("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}")
                .body());
        host.commands.script = turn -> {
            turn.emitter().emit(new RefusalDelta("No."));
            return FakeCommands.summary("stop");
        };
        JsonNode refusal = json(host.chat("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}")
                .body());

        assertThat(calls.path("choices").path(0).path("message"))
                .hasToString(
                        "{\"role\":\"assistant\",\"content\":null,\"refusal\":null,\"tool_calls\":["
                                + "{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}},"
                                + "{\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"now\",\"arguments\":\"\"}}]}");
        assertThat(calls.has("usage")).isFalse();
        assertThat(refusal.path("choices")
                        .path(0)
                        .path("message")
                        .path("refusal")
                        .asText())
                .isEqualTo("No.");
        assertThat(refusal.path("choices")
                        .path(0)
                        .path("message")
                        .path("content")
                        .isNull())
                .isTrue();
    }

    @Test
    void aStreamIsWrittenWhateverTheClientAccepts() throws Exception {
        host.commands.script = FakeCommands.HELLO;

        HttpResponse<String> response = host.client.send(
                host.request("/v1/chat/completions")
                        .header("Accept", "application/json")
                        .header("Content-Type", "application/json")
                        .POST(java.net.http.HttpRequest.BodyPublishers.ofString(STREAM.formatted("")))
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        assertThat(response.body()).endsWith("data: [DONE]\n\n");
    }

    @Test
    void streamsAreCountedWhileTheyAreOpen() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        host.commands.script = turn -> {
            turn.emitter().emit(new TextDelta("now"));
            go.await();
            return FakeCommands.summary("stop");
        };
        long before = host.registry.timer("llmgine_http_first_event_seconds").getCount();
        try (Socket socket = host.connect()) {
            BufferedReader in = send(socket);
            assertThat(untilEvent(in)).contains("assistant");
            // Streams of other tests may still be on their way out.
            while (host.registry.counter("llmgine_http_streams_open").getCount() != 1) {
                Thread.onSpinWait();
            }
            go.countDown();
            String line = in.readLine();
            while (!line.equals("0")) {
                line = in.readLine();
            }
        }
        assertThat(host.registry.timer("llmgine_http_first_event_seconds").getCount())
                .isEqualTo(before + 1);
    }

    private static TurnSummary untilCancelled(RunTurn turn) throws InterruptedException {
        turn.emitter().emit(new TextDelta("now"));
        CountDownLatch cancelled = new CountDownLatch(1);
        turn.cancellation().onCancel(cancelled::countDown);
        cancelled.await();
        turn.cancellation().check();
        throw new AssertionError("not cancelled");
    }

    private static TurnSummary talkUntilThrown(TurnEmitter emitter, BlockingQueue<LlmgineException> thrown) {
        try {
            while (true) {
                emitter.emit(new TextDelta("word "));
            }
        } catch (LlmgineException e) {
            thrown.add(e);
            throw e;
        }
    }

    private static BufferedReader send(Socket socket) throws Exception {
        String body = STREAM.formatted("");
        socket.getOutputStream()
                .write((Host.chatHead() + "Content-Length: " + body.length() + "\r\n\r\n" + body)
                        .getBytes(StandardCharsets.UTF_8));
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Read on to the next event or comment of a chunked stream. */
    private static String untilEvent(BufferedReader in) throws Exception {
        while (true) {
            String line = in.readLine();
            assertThat(line).isNotNull();
            if (line.startsWith("data:") || line.startsWith(":")) {
                return line;
            }
        }
    }

    private static List<String> events(String body) {
        List<String> events = new ArrayList<>();
        for (String event : body.split("\n\n")) {
            assertThat(event).startsWith("data: ").doesNotContain("\n");
            events.add(event.substring("data: ".length()));
        }
        return events;
    }

    private static List<String> choices(List<String> events) {
        return events.stream()
                .filter(event -> event.startsWith("{"))
                .map(event -> json(event).path("choices").path(0).toString())
                .toList();
    }

    private static JsonNode json(String text) {
        try {
            return new JsonMapper().readTree(text);
        } catch (Exception e) {
            throw new AssertionError(text, e);
        }
    }
}
