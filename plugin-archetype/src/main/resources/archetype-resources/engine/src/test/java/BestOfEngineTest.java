package ${package};

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.engine.TurnOutcome;
import org.llmgine.api.message.Message;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.StatusUpdate;
import org.llmgine.testkit.FakeSettings;
import org.llmgine.testkit.FakeTurn;
import org.llmgine.testkit.ScriptedProvider;
import org.llmgine.testkit.ScriptedStream;

class BestOfEngineTest {
    private static final Message PROMPT = Message.user("How high is the Zugspitze?");

    private final ScriptedProvider model = new ScriptedProvider();
    private final FakeTurn turn = new FakeTurn(model, PROMPT);
    private final BestOfEngine engine = engine(Map.of());

    static BestOfEngine engine(Map<String, Object> settings) {
        return new BestOfEngine(FakeSettings.of(BestOfSettings.class, settings));
    }

    @Test
    void givesTheAnswerThatTheModelFindsBest() {
        model.answer(ScriptedStream.text("About 3000 m."))
                .answer(ScriptedStream.text("2962 m."))
                .answer(ScriptedStream.text("2"));

        TurnOutcome outcome = engine.run(turn, turn.emitter());

        assertThat(outcome).isEqualTo(TurnOutcome.completed(Finish.STOP));
        assertThat(turn.emitter().text()).isEqualTo("2962 m.");
        assertThat(turn.messages()).containsExactly(PROMPT, Message.assistant("2962 m."));
        assertThat(turn.emitter().events(StatusUpdate.class))
                .extracting(StatusUpdate::phase)
                .containsExactly("drafting", "drafting", "choosing");
        assertThat(model.requests().getLast().messages().getLast().text())
                .contains("[1]\nAbout 3000 m.", "[2]\n2962 m.", "right and easy to understand");
    }

    @ParameterizedTest
    @CsvSource({"I can't say, first", "The third: 3, first", "0, first", "[2] of course, second"})
    void takesTheFirstWhenTheModelNamesNone(String verdict, String answer) {
        model.answer(ScriptedStream.text("first"))
                .answer(ScriptedStream.text("second"))
                .answer(ScriptedStream.text(verdict));

        engine.run(turn, turn.emitter());

        assertThat(turn.emitter().text()).isEqualTo(answer);
    }

    @Test
    void doesNotChooseBetweenEqualAnswers() {
        for (int i = 0; i < 3; i++) {
            model.answer(ScriptedStream.text("2962 m."));
        }

        engine(Map.of("candidates", 3)).run(turn, turn.emitter());

        assertThat(model.requests()).hasSize(3);
        assertThat(turn.emitter().text()).isEqualTo("2962 m.");
    }

    @Test
    void keepsNothingWhenTheModelFails() {
        LlmgineException failure = new LlmgineException(ErrorCode.PROVIDER_ERROR, "The back-end broke.");
        model.answer(ScriptedStream.text("2962 m.")).refuse(failure);

        assertThatThrownBy(() -> engine.run(turn, turn.emitter())).isSameAs(failure);
        assertThat(turn.messages()).containsExactly(PROMPT);
    }
}
