package ${package};

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.Role;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.Usage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.Designate;

/** Answers by rules: what is asked often needs no model. An open stream uses nothing of this component. */
@Component(configurationPid = RulesProvider.PID)
@Designate(ocd = RulesSettings.class)
@LlmginePlugin(
        id = "${artifactId}",
        kind = LlmginePlugin.PROVIDER,
        name = "Answers by rules",
        description = "Offers the model 'rules', which answers what its rules know and needs no back-end.",
        pids = RulesProvider.PID)
public final class RulesProvider implements ModelProvider {
    static final String PID = "${package}";
    static final String MODEL = "rules";

    private final List<Rule> rules;
    private final String fallback;
    private final long wordDelayMs;

    /** Take the settings. What is thrown here is shown as the instance's failure. */
    @Activate
    public RulesProvider(RulesSettings settings) {
        rules = Arrays.stream(settings.rules()).map(Rule::parse).toList();
        fallback = settings.fallback();
        wordDelayMs = settings.wordDelayMs();
    }

    @Override
    public List<ModelInfo> models() {
        return List.of(new ModelInfo(MODEL, Set.of()));
    }

    @Override
    public ModelStream open(ModelRequest request) {
        if (!request.model().equals(MODEL)) {
            throw new LlmgineException(ErrorCode.MODEL_NOT_FOUND, "There is no model '" + request.model() + "'.")
                    .withHint("The only one is '" + MODEL + "'.");
        }
        String prompt = request.messages().reversed().stream()
                .filter(message -> message.role().equals(Role.USER))
                .findFirst()
                .map(Message::text)
                .orElse("");
        String answer = rules.stream()
                .map(rule -> rule.answer(prompt))
                .flatMap(Optional::stream)
                .findFirst()
                .orElse(fallback);
        List<String> words = List.of(answer.split("(?<= )"));
        return new WordStream(words, new Usage(prompt.split("\\s+").length, words.size()), wordDelayMs);
    }
}
