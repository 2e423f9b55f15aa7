package org.llmgine.engine.toolchat.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.engine.TurnOutcome;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ToolChoice;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolFinished;
import org.llmgine.api.tool.ToolResult;
import org.llmgine.testkit.FakeSettings;
import org.llmgine.testkit.FakeTurn;
import org.llmgine.testkit.ScriptedProvider;
import org.llmgine.testkit.ScriptedStream;

class ToolChatEngineTest {
    private static final Message PROMPT = Message.user("What is 17*23?");
    private static final ToolCall FIRST = new ToolCall("1", "calculator", "17*23");
    private static final ToolCall SECOND = new ToolCall("2", "calculator", "391+1");

    private final AtomicLong nanoTime = new AtomicLong();
    private final ScriptedProvider provider = new ScriptedProvider();
    private final FakeTurn turn = turn(PROMPT);
    private final ToolChatEngine engine = new ToolChatEngine(FakeSettings.of(ToolChatSettings.class, Map.of()));

    @Test
    void callsToolsUntilTheModelStopsAskingForThem() {
        provider.answer(ScriptedStream.calls(FIRST))
                .answer(ScriptedStream.calls(SECOND))
                .answer(ScriptedStream.text("It is 391"));

        TurnOutcome outcome = engine.run(turn, turn.emitter());

        assertThat(outcome).isEqualTo(TurnOutcome.completed(Finish.STOP));
        assertThat(turn.messages())
                .containsExactly(
                        PROMPT,
                        Message.assistant("", List.of(FIRST)),
                        Message.tool("1", "result of 17*23"),
                        Message.assistant("", List.of(SECOND)),
                        Message.tool("2", "result of 391+1"),
                        Message.assistant("It is 391"));
        assertThat(turn.emitter().text()).isEqualTo("It is 391");
        assertThat(turn.emitter().events(ToolFinished.class)).hasSize(2);
        assertThat(provider.requests().get(2).messages()).hasSize(5);
    }

    @Test
    void runsACallWhoseIdWasThereInAFormerRound() {
        ToolCall again = new ToolCall(FIRST.id(), "calculator", "1+1");
        provider.answer(ScriptedStream.calls(FIRST))
                .answer(ScriptedStream.calls(again))
                .answer(ScriptedStream.text("Done"));

        engine.run(turn, turn.emitter());

        assertThat(turn.emitter().events(ToolFinished.class))
                .extracting(ToolFinished::call)
                .containsExactly(FIRST, again);
    }

    @Test
    void goesOnWhereASuspendedTurnWaited() {
        turn.needsApproval("calculator", true);
        provider.answer(ScriptedStream.calls(FIRST, SECOND)).answer(ScriptedStream.text("Done"));

        assertThat(engine.run(turn, turn.emitter())).isEqualTo(TurnOutcome.suspended(List.of(FIRST, SECOND)));

        // Another node answered the first call meanwhile; the other one is free to run now.
        turn.append(Message.tool("1", "denied"));
        turn.needsApproval("calculator", false);
        assertThat(engine.run(turn, turn.emitter())).isEqualTo(TurnOutcome.completed(Finish.STOP));
        assertThat(turn.messages())
                .containsExactly(
                        PROMPT,
                        Message.assistant("", List.of(FIRST, SECOND)),
                        Message.tool("1", "denied"),
                        Message.tool("2", "result of 391+1"),
                        Message.assistant("Done"));
    }

    @Test
    void leavesUnansweredCallsOfFormerTurnsAlone() {
        FakeTurn later = turn(PROMPT, Message.assistant("", List.of(FIRST)), Message.user("Never mind"));
        provider.answer(ScriptedStream.text("Fine"));

        engine.run(later, later.emitter());

        assertThat(later.emitter().events()).containsExactly(new TextDelta("Fine"));
    }

    @Test
    void demandsAToolOnlyOnce() {
        turn.options(builder -> builder.toolChoice(ToolChoice.REQUIRED));
        provider.answer(ScriptedStream.calls(FIRST)).answer(ScriptedStream.text("391"));

        engine.run(turn, turn.emitter());

        assertThat(provider.requests())
                .extracting(ModelRequest::toolChoice)
                .containsExactly(ToolChoice.REQUIRED, ToolChoice.AUTO);
    }

    @Test
    void keepsToolsForbidden() {
        turn.options(builder -> builder.toolChoice(ToolChoice.NONE)).append(Message.assistant("", List.of(FIRST)));
        provider.answer(ScriptedStream.text("391"));

        engine.run(turn, turn.emitter());

        assertThat(provider.requests()).extracting(ModelRequest::toolChoice).containsExactly(ToolChoice.NONE);
    }

    @Test
    void asksForAnAnswerWithoutToolsAfterTheLastRound() {
        provider.answer(ScriptedStream.calls(FIRST)).answer(ScriptedStream.text("It may be 391"));

        TurnOutcome outcome = limited(1, 0, 0).run(turn, turn.emitter());

        assertThat(outcome).isEqualTo(TurnOutcome.completed(Finish.STOP));
        assertThat(provider.requests())
                .extracting(ModelRequest::toolChoice)
                .containsExactly(ToolChoice.AUTO, ToolChoice.NONE);
    }

    @Test
    void endsWhenTheModelAsksForToolsAllTheSame() {
        provider.answer(ScriptedStream.calls(FIRST)).answer(ScriptedStream.calls(SECOND));

        assertLimit(limited(1, 0, 0), "after 1 rounds", "maxRounds");
        assertThat(turn.messages()).hasSize(3).last().isEqualTo(Message.tool("1", "result of 17*23"));
    }

    @Test
    void countsRoundsAcrossASuspension() {
        turn.append(Message.assistant("", List.of(FIRST)));
        provider.answer(ScriptedStream.text("It may be 391"));

        limited(1, 0, 0).run(turn, turn.emitter());

        assertThat(provider.requests()).extracting(ModelRequest::toolChoice).containsExactly(ToolChoice.NONE);
    }

    @Test
    void givesEachCallTheTokensThatAreLeft() {
        provider.answer(ScriptedStream.calls(FIRST, SECOND)).answer(ScriptedStream.calls(FIRST));

        assertLimit(limited(10, 3, 0), "3 output tokens", "maxOutputTokens");
        assertThat(provider.requests())
                .extracting(request -> request.maxTokens().orElseThrow())
                .containsExactly(3, 1);
    }

    @Test
    void keepsTheCallersOwnTokenLimit() {
        turn.options(builder -> builder.maxTokens(7));
        provider.answer(ScriptedStream.text("391"));

        limited(10, Long.MAX_VALUE, 0).run(turn, turn.emitter());

        assertThat(provider.requests().getFirst().maxTokens()).hasValue(7);
    }

    @Test
    void endsWhenTheTimeIsUp() {
        FakeTurn slow = new FakeTurn(provider, PROMPT).tool("calculator", call -> {
            nanoTime.addAndGet(TimeUnit.MILLISECONDS.toNanos(500));
            return ToolResult.text("391");
        });
        provider.answer(ScriptedStream.calls(FIRST)).answer(ScriptedStream.calls(SECOND));

        assertThatThrownBy(() -> limited(10, 0, 1000).run(slow, slow.emitter()))
                .satisfies(e -> assertThat(e).hasMessage("The turn took longer than 1000 ms."));
        assertThat(provider.requests()).hasSize(2);
    }

    @Test
    void letsACancellationPass() {
        LlmgineException left = new LlmgineException(ErrorCode.CANCELLED, "The reader has left.");
        provider.answer(ScriptedStream.text("Hello"));

        assertThatThrownBy(() -> engine.run(turn, event -> {
                    throw left;
                }))
                .isSameAs(left);
    }

    private ToolChatEngine limited(int maxRounds, long maxOutputTokens, long maxDurationMs) {
        return new ToolChatEngine(maxRounds, maxOutputTokens, maxDurationMs, nanoTime::get);
    }

    private void assertLimit(ToolChatEngine limited, String message, String setting) {
        assertThatThrownBy(() -> limited.run(turn, turn.emitter()))
                .hasMessageContaining(message)
                .isInstanceOfSatisfying(LlmgineException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.LIMIT_REACHED);
                    assertThat(e.hint().orElseThrow()).contains(setting);
                });
    }

    private FakeTurn turn(Message... messages) {
        return new FakeTurn(provider, messages)
                .tool("calculator", call -> ToolResult.text("result of " + call.arguments()));
    }
}
