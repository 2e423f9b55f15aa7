package org.llmgine.engine.singlepass.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.engine.TurnOutcome;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolCallDelta;
import org.llmgine.testkit.FakeTurn;
import org.llmgine.testkit.RecordingEmitter;
import org.llmgine.testkit.ScriptedProvider;
import org.llmgine.testkit.ScriptedStream;

class SinglePassEngineTest {
    private static final Message PROMPT = Message.user("Hello");

    private final ScriptedProvider provider = new ScriptedProvider();
    private final FakeTurn turn = new FakeTurn(provider, PROMPT);
    private final RecordingEmitter emitter = new RecordingEmitter();
    private final SinglePassEngine engine = new SinglePassEngine();

    @Test
    void relaysEveryEventAndKeepsTheAnswer() {
        ScriptedStream answer = ScriptedStream.text("Hello you");
        provider.answer(answer);

        TurnOutcome outcome = engine.run(turn, emitter);

        assertThat(emitter.events()).containsExactly(new TextDelta("Hello "), new TextDelta("you"));
        assertThat(turn.messages()).containsExactly(PROMPT, Message.assistant("Hello you"));
        assertThat(outcome).isEqualTo(TurnOutcome.completed(Finish.STOP));
        assertThat(provider.requests()).containsExactly(turn(PROMPT).request());
        assertThat(answer.closes()).isEqualTo(1);
    }

    @Test
    void givesToolCallsToTheCaller() {
        provider.answer(ScriptedStream.calls(new ToolCall("1", "clock", "{}")));

        TurnOutcome outcome = engine.run(turn, emitter);

        assertThat(emitter.events())
                .containsExactly(new ToolCallDelta(0, "1", "clock", ""), new ToolCallDelta(0, "", "", "{}"));
        assertThat(outcome).isEqualTo(TurnOutcome.completed(Finish.TOOL_CALLS));
    }

    @Test
    void passesAFailureOnAndKeepsNothing() {
        LlmgineException failure = new LlmgineException(ErrorCode.PROVIDER_ERROR, "The back-end broke.");
        ScriptedStream answer = new ScriptedStream().then(new TextDelta("Hel")).thenFail(failure);
        provider.answer(answer);

        assertThatThrownBy(() -> engine.run(turn, emitter)).isSameAs(failure);
        assertThat(turn.messages()).containsExactly(PROMPT);
        assertThat(answer.closes()).isEqualTo(1);
    }

    @Test
    void closesTheStreamWhenTheReaderHasLeft() {
        ScriptedStream answer = ScriptedStream.text("Hello you");
        provider.answer(answer);
        LlmgineException left = new LlmgineException(ErrorCode.CANCELLED, "The reader has left.");

        assertThatThrownBy(() -> engine.run(turn, event -> {
                    throw left;
                }))
                .isSameAs(left);
        assertThat(answer.closes()).isEqualTo(1);
    }

    private static FakeTurn turn(Message prompt) {
        return new FakeTurn(new ScriptedProvider(), prompt);
    }
}
