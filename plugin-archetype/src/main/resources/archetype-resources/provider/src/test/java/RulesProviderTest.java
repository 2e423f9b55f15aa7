package ${package};

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.message.Message;
import org.llmgine.api.model.ModelAnswer;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.Usage;
import org.llmgine.testkit.FakeSettings;

class RulesProviderTest {
    private final RulesProvider provider = provider(Map.of("wordDelayMs", 0L));

    static RulesProvider provider(Map<String, Object> settings) {
        return new RulesProvider(FakeSettings.of(RulesSettings.class, settings));
    }

    static ModelRequest ask(String prompt) {
        return ModelRequest.builder(RulesProvider.MODEL)
                .messages(List.of(Message.user(prompt)))
                .build();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            Hi                        | Hello!
            Well, my name is Ada.     | Nice to meet you Ada!
            When are you open?        | We are open from Monday to Friday between 9 and 17 o'clock.
            What is the weather like? | I have no rule for that.
            """)
    void answersByTheFirstRuleThatFits(String prompt, String answer) {
        assertThat(answer(provider, prompt).message().text()).isEqualTo(answer);
    }

    @Test
    void streamsWordByWordAndCountsThem() {
        try (ModelStream stream = provider.open(ask("My name is Ada"))) {
            assertThat(stream.next()).isEqualTo(new TextDelta("Nice "));
            assertThat(stream.next()).isEqualTo(new TextDelta("to "));
        }
        ModelAnswer answer = answer(provider, "My name is Ada");
        assertThat(answer.usage()).isEqualTo(new Usage(4, 5));
        assertThat(answer.finishReason()).isEqualTo(Finish.STOP);
    }

    @Test
    void takesItsRulesFromTheSettings() {
        RulesProvider own = provider(Map.of("rules", new String[] {"(a+)(b*) => $2-$1"}, "fallback", "?"));

        assertThat(answer(own, "xAAx").message().text()).isEqualTo("-AA");
        assertThat(answer(own, "hello").message().text()).isEqualTo("?");
    }

    @Test
    void refusesARuleThatIsNone() {
        assertThatThrownBy(() -> provider(Map.of("rules", new String[] {"no arrow"})))
                .hasMessageContaining("no arrow")
                .hasMessageContaining(" => ");
        assertThatThrownBy(() -> provider(Map.of("rules", new String[] {"( => x"})))
                .isInstanceOfSatisfying(LlmgineException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                    assertThat(e.field()).contains("rules");
                });
    }

    private static ModelAnswer answer(RulesProvider provider, String prompt) {
        return ModelAnswer.relay(provider.open(ask(prompt)), event -> {});
    }
}
