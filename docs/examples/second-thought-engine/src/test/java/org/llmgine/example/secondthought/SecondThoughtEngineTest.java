package org.llmgine.example.secondthought;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.engine.TurnOutcome;
import org.llmgine.api.message.Message;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.StatusUpdate;
import org.llmgine.testkit.FakeTurn;
import org.llmgine.testkit.ScriptedProvider;
import org.llmgine.testkit.ScriptedStream;

class SecondThoughtEngineTest {
    private static final Message PROMPT = Message.user("How high is the Zugspitze?");

    private final ScriptedProvider provider = new ScriptedProvider();
    private final FakeTurn turn = new FakeTurn(provider, PROMPT);
    private final SecondThoughtEngine engine = new SecondThoughtEngine();

    @Test
    void showsOnlyTheRevisedAnswer() {
        provider.answer(ScriptedStream.text("Well, about 3000 m")).answer(ScriptedStream.text("2962 m"));

        TurnOutcome outcome = engine.run(turn, turn.emitter());

        assertThat(outcome).isEqualTo(TurnOutcome.completed(Finish.STOP));
        assertThat(turn.emitter().text()).isEqualTo("2962 m");
        assertThat(turn.emitter().events(StatusUpdate.class))
                .extracting(StatusUpdate::phase)
                .containsExactly("drafting", "revising");
        assertThat(turn.messages()).containsExactly(PROMPT, Message.assistant("2962 m"));
        assertThat(provider.requests().getLast().messages())
                .startsWith(PROMPT, Message.assistant("Well, about 3000 m"))
                .hasSize(3);
    }

    @Test
    void keepsNothingWhenTheModelFails() {
        LlmgineException failure = new LlmgineException(ErrorCode.PROVIDER_ERROR, "The back-end broke.");
        provider.answer(ScriptedStream.text("Well")).refuse(failure);

        assertThatThrownBy(() -> engine.run(turn, turn.emitter())).isSameAs(failure);
        assertThat(turn.messages()).containsExactly(PROMPT);
    }
}
