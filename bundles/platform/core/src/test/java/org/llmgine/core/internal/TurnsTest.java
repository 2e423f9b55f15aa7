package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.engine.Engine;
import org.llmgine.api.engine.ToolRound;
import org.llmgine.api.engine.TurnEmitter;
import org.llmgine.api.engine.TurnOutcome;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelAnswer;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.model.ToolChoice;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.ModelStarted;
import org.llmgine.api.stream.StatusUpdate;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolCallDelta;
import org.llmgine.api.stream.ToolFinished;
import org.llmgine.api.stream.ToolStarted;
import org.llmgine.api.stream.Usage;
import org.llmgine.api.stream.UsageUpdate;
import org.llmgine.api.tool.Tool;
import org.llmgine.api.tool.ToolContext;
import org.llmgine.api.tool.ToolDefinition;
import org.llmgine.api.tool.ToolResult;
import org.llmgine.api.tool.ToolSpec;
import org.llmgine.core.command.TurnSummary;
import org.llmgine.testkit.RecordingEmitter;
import org.llmgine.testkit.ScriptedProvider;
import org.llmgine.testkit.ScriptedStream;

class TurnsTest {
    private static final ModelInfo DEMO = new ModelInfo("demo", Set.of(ModelInfo.TOOLS));
    private static final ToolSpec OWN_TOOL = new ToolSpec("own", "", "{}", false);

    private final TestHost host = new TestHost();
    private final ScriptedProvider provider = new ScriptedProvider(DEMO);
    private final RecordingEmitter emitter = new RecordingEmitter();

    TurnsTest() {
        host.add("fake", provider);
        host.add("single-pass", new TestPlugins.RelayEngine());
    }

    @Test
    void aRelayPassesTheRequestOnAndReportsUsageAndFinishOnce() {
        provider.answer(ScriptedStream.text("Good day"));
        List<Message> messages = List.of(
                Message.system("s"),
                Message.assistant("no question before it"),
                Message.tool("id", "and a stray result"),
                Message.user("Hello"));
        ModelRequest request = ModelRequest.builder("default")
                .messages(messages)
                .tools(List.of(OWN_TOOL))
                .toolChoice(ToolChoice.REQUIRED)
                .maxTokens(7)
                .extensions(Map.of("x", 1))
                .build();

        TurnSummary summary = host.run(request, emitter);

        assertThat(provider.requests())
                .containsExactly(request.toBuilder().model("demo").build());
        assertThat(emitter.events())
                .containsExactly(
                        new ModelStarted("fake/demo"),
                        new TextDelta("Good "),
                        new TextDelta("day"),
                        new UsageUpdate(new Usage(1, 2)),
                        new Finish("stop"));
        assertThat(summary.turnId()).startsWith("turn_");
        assertThat(summary)
                .returns("fake/demo", TurnSummary::model)
                .returns(Optional.of(new Usage(1, 2)), TurnSummary::usage)
                .returns("stop", TurnSummary::finishReason);
        assertIdle();
    }

    @Test
    void aRelayIsShownEveryMessageHoweverManyThereAre() {
        host.set("maxContextMessages", 1);
        provider.answer(ScriptedStream.text("ok"));
        List<Message> messages = List.of(Message.user("a"), Message.assistant("b"), Message.user("c"));

        host.run(ModelRequest.builder("fake/demo").messages(messages).build(), emitter);

        assertThat(provider.requests().getFirst().messages()).isEqualTo(messages);
    }

    @Test
    void withoutUsageNoneIsReported() {
        provider.answer(new ScriptedStream().then(new TextDelta("x")).then(new Finish("length")));

        assertThat(host.run(request("fake/demo"), emitter).usage()).isEmpty();
        assertThat(emitter.events(UsageUpdate.class)).isEmpty();
        assertThat(emitter.events().getLast()).isEqualTo(new Finish("length"));
    }

    @Test
    void anEngineThatFailsTooOftenInARowIsQuarantinedAndNoOther() {
        host.set("breakerFailures", 2);
        Instance<Engine> bad = host.add("bad", (turn, events) -> {
            throw new IllegalStateException("broken");
        });
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> host.run(request("engine/bad"), emitter))
                    .hasMessage("The engine 'bad' failed unexpectedly.");
        }

        assertThatThrownBy(() -> host.run(request("engine/bad"), emitter))
                .isInstanceOfSatisfying(LlmgineException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
                    assertThat(e).hasMessageContaining("The engine 'bad' failed too often and is left alone");
                    assertThat(e.retryAfter()).isPresent();
                });
        assertThat(bad.quarantine()).isPresent();
        provider.answer(ScriptedStream.text("ok"));
        assertThat(host.run(request("fake/demo"), emitter).finishReason()).isEqualTo("stop");
        assertIdle();
    }

    @Test
    void whatAProviderDoesIsNotItsEnginesFault() {
        host.set("breakerFailures", 2).set("retries", 0);
        for (int i = 0; i < 2; i++) {
            provider.refuse(new LlmgineException(ErrorCode.PLUGIN_FAILED, "a defect"));
            assertThatThrownBy(() -> host.run(request("fake/demo"), emitter)).hasMessage("a defect");
        }

        assertThatThrownBy(() -> host.run(request("fake/demo"), emitter))
                .hasMessageContaining("The provider 'fake' failed too often");
    }

    @Test
    void anEngineRunsOnTheDefaultModelWithTheHostsToolsAndTheContextThatFits() {
        host.set("maxContextMessages", 2);
        host.add("adder", new TestPlugins.AddTool());
        List<Message> stored = new ArrayList<>();
        host.add("chat", loop(stored));
        ToolCall call = new ToolCall("c1", "add", "{\"a\": 2, \"b\": \"3\"}");
        provider.answer(ScriptedStream.calls(call)).answer(ScriptedStream.text("5"));

        TurnSummary summary = host.run(
                ModelRequest.builder("engine/chat")
                        .messages(List.of(Message.user("old"), Message.assistant("old"), Message.user("2+3?")))
                        .temperature(0.5)
                        .build(),
                emitter);

        ModelRequest first = provider.requests().getFirst();
        assertThat(first.messages()).containsExactly(Message.user("2+3?"));
        assertThat(first.tools()).extracting(ToolSpec::name).containsExactly("add");
        assertThat(first.temperature()).hasValue(0.5);
        assertThat(stored).hasSize(6).last().isEqualTo(Message.assistant("5"));
        assertThat(stored.get(4)).isEqualTo(Message.tool("c1", "5"));
        assertThat(emitter.events(ToolStarted.class)).containsExactly(new ToolStarted(call));
        assertThat(emitter.events(ToolFinished.class))
                .singleElement()
                .satisfies(finished -> assertThat(finished.result()).isEqualTo(ToolResult.text("5")));
        assertThat(emitter.events(ModelStarted.class)).hasSize(2);
        assertThat(summary.usage()).contains(new Usage(2, 2));
        assertThat(emitter.events(UsageUpdate.class)).containsExactly(new UsageUpdate(new Usage(2, 2)));
        assertIdle();
    }

    @Test
    void anAliasMayStandForAnEngine() {
        host.set("aliases", new String[] {"assistant=engine/chat"});
        host.add("chat", engine((turn, to) -> TurnOutcome.completed("stop")));

        assertThat(host.run(request("assistant"), emitter).model()).isEmpty();
    }

    @Test
    void callsOfTheHostsToolsAreNotShownAsTheCallersOwn() {
        host.set("aliases", new String[] {"assistant=engine/chat"});
        host.add("adder", new TestPlugins.AddTool());
        host.add("chat", loop(new ArrayList<>()));
        ToolCall call = new ToolCall("c1", "add", "{\"a\": 2, \"b\": 3}");
        for (String name : List.of("engine/chat", "assistant")) {
            RecordingEmitter to = new RecordingEmitter();
            provider.answer(ScriptedStream.calls(call)).answer(ScriptedStream.text("5"));
            host.run(request(name), to);

            assertThat(to.events(ToolCallDelta.class)).isEmpty();
            assertThat(to.events(ToolStarted.class)).containsExactly(new ToolStarted(call));
            assertThat(to.text()).isEqualTo("5");
        }
        provider.answer(ScriptedStream.calls(call));
        host.run(request("default"), emitter);
        assertThat(emitter.events(ToolCallDelta.class)).hasSize(2);
    }

    @Test
    void anEngineRunsThoughTheProviderDoesNotTellItsModels() {
        host.add("fake", new ModelProvider() {
            @Override
            public List<ModelInfo> models() {
                throw new IllegalStateException("on purpose");
            }

            @Override
            public ModelStream open(ModelRequest request) {
                return ScriptedStream.text("ok");
            }
        });
        host.add("chat", new TestPlugins.RelayEngine());

        host.run(request("engine/chat"), emitter);

        assertThat(emitter.text()).isEqualTo("ok");
    }

    @Test
    void aModelThatTakesNoToolsIsOfferedNone() {
        host.add("fake", new ScriptedProvider(new ModelInfo("demo", Set.of())).answer(ScriptedStream.text("ok")));
        host.add("adder", new TestPlugins.AddTool());
        host.add("chat", new TestPlugins.RelayEngine());

        host.run(request("engine/chat"), emitter);

        assertThat(emitter.text()).isEqualTo("ok");
    }

    @Test
    void aRequestThatCanNotBeServedIsRefusedByName() {
        host.add("chat", new TestPlugins.RelayEngine());
        assertFails(
                ModelRequest.builder("engine/chat")
                        .messages(List.of(Message.user("Hi")))
                        .tools(List.of(OWN_TOOL))
                        .build(),
                ErrorCode.UNSUPPORTED_FIELD,
                "tools");
        assertFails(ModelRequest.builder("fake/demo").build(), ErrorCode.INVALID_REQUEST, "messages");
        assertFails(request("nothing"), ErrorCode.MODEL_NOT_FOUND, "model");
        assertFails(request("fake/other"), ErrorCode.MODEL_NOT_FOUND, "model");
        assertThatThrownBy(() -> host.run(request("engine/caht"), emitter))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.hint()).contains("Did you mean 'chat'?"));
        assertThat(emitter.events()).isEmpty();
        assertIdle();
    }

    @Test
    void withoutTheRelayEngineAModelIsNotAvailable() {
        TestHost bare = new TestHost();
        bare.add("fake", provider);

        assertThatThrownBy(() -> bare.run(request("fake/demo"), emitter))
                .isInstanceOfSatisfying(LlmgineException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
                    assertThat(e.retryAfter()).isPresent();
                });
    }

    @Test
    void whatTheCallersSideThrowsEndsTheTurnUnchangedWhateverTheEngineMakesOfIt() {
        provider.answer(ScriptedStream.text("one two")).answer(ScriptedStream.text("one two"));
        LlmgineException left = new LlmgineException(ErrorCode.CANCELLED, "Gone.");
        host.add("chat", engine((turn, to) -> {
            try {
                return new TestPlugins.RelayEngine().run(turn, to);
            } catch (LlmgineException e) {
                assertThat(turn.cancelled()).isTrue();
                assertThatThrownBy(() -> to.emit(new TextDelta("more"))).isSameAs(left);
                assertThatThrownBy(() -> turn.open(turn.request())).isSameAs(left);
                throw new IllegalStateException(e);
            }
        }));
        TurnEmitter leaving = event -> {
            if (event instanceof TextDelta) {
                throw left;
            }
        };

        assertThatThrownBy(() -> host.run(request("engine/chat"), leaving)).isSameAs(left);
        assertThatThrownBy(() -> host.run(request("fake/demo"), event -> {
                    throw new java.io.UncheckedIOException(new java.io.IOException("reset"));
                }))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED))
                .hasRootCauseMessage("reset");
        assertIdle();
    }

    @Test
    void anEnginesFailureIsContainedAndItsStreamsClosed() {
        ScriptedStream open = new ScriptedStream().then(new TextDelta("x"));
        provider.answer(open);
        host.add("chat", engine((turn, to) -> {
            turn.open(turn.request());
            throw new NoSuchMethodError("on purpose");
        }));

        assertFails(request("engine/chat"), ErrorCode.PLUGIN_FAILED, "");
        TestHost.await(() -> open.closes() > 0);
        assertThat(host.engines
                        .list()
                        .getFirst()
                        .instance()
                        .orElseThrow()
                        .figures()
                        .values())
                .containsEntry("errors", 1L);
        assertIdle();
    }

    @Test
    void anEngineThatSuspendsOrGivesNothingHasFailed() {
        host.add("chat", engine((turn, to) -> TurnOutcome.suspended(List.of(new ToolCall("1", "t", "")))));
        assertFails(request("engine/chat"), ErrorCode.PLUGIN_FAILED, "");
        host.add("chat", engine((turn, to) -> nothing()));
        assertFails(request("engine/chat"), ErrorCode.PLUGIN_FAILED, "");
    }

    @Test
    void anEngineTellsNeitherUsageNorFinish() {
        host.add("chat", engine((turn, to) -> {
            to.emit(new UsageUpdate(new Usage(9, 9)));
            to.emit(new Finish("mine"));
            to.emit(new StatusUpdate("thinking", "Thinking."));
            return TurnOutcome.completed("stop");
        }));
        host.run(request("engine/chat"), emitter);

        assertThat(emitter.events()).containsExactly(new StatusUpdate("thinking", "Thinking."), new Finish("stop"));
    }

    @Test
    void theTurnTellsTheEngineWhoAsksAndKeepsWhatItAppends() {
        host.add("chat", engine((turn, to) -> {
            assertThat(turn.principal().name()).isEqualTo("ann");
            assertThat(turn.id()).startsWith("turn_");
            assertThat(turn.cancelled()).isFalse();
            turn.append(Message.assistant("noted"));
            assertThat(turn.messages()).containsExactly(Message.user("Hi"), Message.assistant("noted"));
            return TurnOutcome.completed("stop");
        }));
        host.run(request("engine/chat"), emitter);
        TestHost relay = new TestHost();
        relay.add("single-pass", engine((turn, to) -> {
            turn.append(Message.assistant("noted"));
            assertThat(turn.messages()).last().isEqualTo(Message.assistant("noted"));
            return TurnOutcome.completed("stop");
        }));
        relay.run(request("fake/demo"), emitter);
    }

    @Test
    void cancellingEndsTheStreamAndTheTurnThrowsItsReason() throws Exception {
        ScriptedStream slow = new ScriptedStream().then(new TextDelta("x")).thenWait();
        provider.answer(slow);
        CompletableFuture<TurnSummary> turn = TestHost.async(() -> host.run(request("fake/demo"), emitter));
        slow.awaitWaiting();
        LlmgineException reason = new LlmgineException(ErrorCode.TIMEOUT, "Enough.");

        host.cancellation.cancel(reason);

        assertThatThrownBy(() -> turn.get(10, TimeUnit.SECONDS)).cause().isSameAs(reason);
        assertIdle();
    }

    @Test
    void aTurnThatIsCancelledBeforehandDoesNotBegin() {
        host.cancellation.cancel();

        assertFails(request("fake/demo"), ErrorCode.CANCELLED, "");
        assertThat(provider.requests()).isEmpty();
    }

    @Test
    void anEngineThatIgnoresACancellationStillEndsWithIt() {
        host.add("chat", engine((turn, to) -> {
            host.cancellation.cancel();
            assertThatThrownBy(() -> to.emit(new TextDelta("x"))).isInstanceOf(LlmgineException.class);
            return TurnOutcome.completed("stop");
        }));
        assertFails(request("engine/chat"), ErrorCode.CANCELLED, "");
        assertThat(emitter.events()).isEmpty();
    }

    @Test
    void aTurnThatTakesTooLongEnds() throws Exception {
        ScriptedStream slow = new ScriptedStream().then(new TextDelta("x")).thenWait();
        provider.answer(slow);
        host.set("turnTimeoutMs", 100L);
        CompletableFuture<TurnSummary> turn = TestHost.async(() -> host.run(request("fake/demo"), emitter));
        slow.awaitWaiting();

        host.pass(100);
        assertThat(turn).isNotDone();
        host.pass(1);

        assertThatThrownBy(() -> turn.get(10, TimeUnit.SECONDS))
                .cause()
                .isInstanceOfSatisfying(LlmgineException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.TIMEOUT);
                    assertThat(e.hint()).contains("The limit is the setting turnTimeoutMs.");
                });
    }

    @Test
    void beyondTheCapATurnIsRefused() throws Exception {
        host.set("maxConcurrentTurns", 1);
        ScriptedStream slow = ScriptedStream.text("a");
        ScriptedStream held = new ScriptedStream().thenWait().then(new Finish("stop"));
        provider.answer(held).answer(slow);
        CompletableFuture<TurnSummary> first = TestHost.async(() -> host.run(request("fake/demo"), emitter));
        held.awaitWaiting();

        assertFails(request("fake/demo"), ErrorCode.OVERLOADED, "");
        held.release();
        first.get(10, TimeUnit.SECONDS);
        host.run(request("fake/demo"), emitter);
    }

    @Test
    void theToolsOfARoundRunInParallelAndTheirResultsKeepTheOrder() {
        CountDownLatch bothRun = new CountDownLatch(2);
        CountDownLatch second = new CountDownLatch(1);
        host.add("a", tool("a", (arguments, context) -> {
            meet(bothRun);
            assertThat(second.await(10, TimeUnit.SECONDS)).isTrue();
            return ToolResult.text("A");
        }));
        host.add("b", tool("b", (arguments, context) -> {
            meet(bothRun);
            second.countDown();
            throw new IllegalStateException("no B");
        }));
        List<ToolRound> rounds = new ArrayList<>();
        List<Message> messages = new ArrayList<>();
        host.add("chat", engine((turn, to) -> {
            rounds.add(turn.callTools(
                    List.of(new ToolCall("1", "a", "{}"), new ToolCall("2", "b", ""), new ToolCall("3", "c", "{}"))));
            messages.addAll(turn.messages());
            return TurnOutcome.completed("stop");
        }));

        host.run(request("engine/chat"), emitter);

        assertThat(rounds)
                .singleElement()
                .satisfies(round -> assertThat(round.pending()).isEmpty());
        assertThat(rounds.getFirst().results())
                .containsExactly(
                        ToolResult.text("A"),
                        ToolResult.error("The tool 'b' failed: no B"),
                        ToolResult.error("There is no tool 'c'. Did you mean 'a'?"));
        assertThat(messages).extracting(Message::role).containsExactly(Role.USER, Role.TOOL, Role.TOOL, Role.TOOL);
        assertThat(messages)
                .extracting(message -> message.toolCallId().orElse(""))
                .containsExactly("", "1", "2", "3");
        assertThat(emitter.events(ToolStarted.class)).hasSize(3);
        assertThat(emitter.events(ToolFinished.class))
                .extracting(finished -> finished.call().id())
                .containsExactly("1", "2", "3");
        assertThat(emitter.events(ToolFinished.class).getFirst().elapsed()).isPositive();
    }

    @Test
    void cancellingInterruptsTheToolsAndEndsTheTurn() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        host.add("a", tool("a", (arguments, context) -> {
            inside.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                assertThat(context.cancelled()).isTrue();
                interrupted.countDown();
                throw e;
            }
            return ToolResult.text("never");
        }));
        host.add("chat", engine((turn, to) -> {
            turn.callTools(List.of(new ToolCall("1", "a", "{}")));
            return TurnOutcome.completed("stop");
        }));
        CompletableFuture<TurnSummary> turn = TestHost.async(() -> host.run(request("engine/chat"), emitter));
        assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();

        host.cancellation.cancel();

        assertThatThrownBy(() -> turn.get(10, TimeUnit.SECONDS)).hasMessageContaining("The caller left");
        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(emitter.events(ToolFinished.class)).isEmpty();
    }

    @Test
    void aReaderWhoLeavesDuringToolCallsEndsThem() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        host.add("a", tool("a", (arguments, context) -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
            return ToolResult.text("late");
        }));
        host.add("b", tool("b", (arguments, context) -> ToolResult.text("B")));
        host.add("chat", engine((turn, to) -> {
            turn.callTools(List.of(new ToolCall("1", "b", "{}"), new ToolCall("2", "a", "{}")));
            return TurnOutcome.completed("stop");
        }));
        LlmgineException left = new LlmgineException(ErrorCode.CANCELLED, "Gone.");

        assertThatThrownBy(() -> host.run(request("engine/chat"), event -> {
                    if (event instanceof ToolFinished) {
                        throw left;
                    }
                }))
                .isSameAs(left);
        TestHost.await(() -> idle());
    }

    private boolean idle() {
        return host.hostedTools.list().stream()
                .allMatch(listed -> listed.instance().orElseThrow().leases() == 0);
    }

    private void assertIdle() {
        assertThat(host.engines.list())
                .allSatisfy(listed ->
                        assertThat(listed.instance().orElseThrow().leases()).isZero());
        TestHost.await(() -> host.providers.list().stream()
                .allMatch(listed -> listed.instance().orElseThrow().leases() == 0));
    }

    private void assertFails(ModelRequest request, ErrorCode code, String field) {
        assertThatThrownBy(() -> host.run(request, emitter)).isInstanceOfSatisfying(LlmgineException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.field().orElse("")).isEqualTo(field);
        });
    }

    /** An engine that calls tools until the model asks for none. */
    private static Engine loop(List<Message> stored) {
        return engine((turn, to) -> {
            while (true) {
                ModelAnswer answer = ModelAnswer.relay(turn.open(turn.request()), to::emit);
                turn.append(answer.message());
                if (answer.message().toolCalls().isEmpty()) {
                    stored.addAll(turn.messages());
                    return TurnOutcome.completed(answer.finishReason());
                }
                turn.callTools(answer.message().toolCalls());
            }
        });
    }

    private static Engine engine(Engine engine) {
        return engine;
    }

    private static ModelRequest request(String model) {
        return ModelRequest.builder(model).messages(List.of(Message.user("Hi"))).build();
    }

    private static void meet(CountDownLatch latch) throws InterruptedException {
        latch.countDown();
        assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @SuppressWarnings("NullAway") // the breach is the point
    private static TurnOutcome nothing() {
        return null;
    }

    private interface Work {
        ToolResult call(Map<String, Object> arguments, ToolContext context) throws Exception;
    }

    private static Tool<Map<String, Object>> tool(String name, Work work) {
        return new Tool<>() {
            @Override
            public ToolDefinition<Map<String, Object>> definition() {
                return ToolDefinition.ofSchema(name, "", "{\"type\": \"object\"}");
            }

            @Override
            public ToolResult call(Map<String, Object> arguments, ToolContext context) throws Exception {
                return work.call(arguments, context);
            }
        };
    }
}
