package ${package};

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.engine.Engine;
import org.llmgine.api.engine.Turn;
import org.llmgine.api.engine.TurnEmitter;
import org.llmgine.api.engine.TurnOutcome;
import org.llmgine.api.message.Message;
import org.llmgine.api.model.ModelAnswer;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ToolChoice;
import org.llmgine.api.stream.StatusUpdate;
import org.llmgine.api.stream.TextDelta;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.Designate;

/**
 * Asks the model several times, lets it choose the best of its answers, and gives that one. It calls no tools, and keeps
 * nothing between two turns.
 */
@Component(configurationPid = BestOfEngine.PID)
@Designate(ocd = BestOfSettings.class)
@LlmginePlugin(
        id = "${artifactId}",
        kind = LlmginePlugin.ENGINE,
        name = "Best of several answers",
        description = "Asks the model several times and gives the answer that it finds best.",
        pids = BestOfEngine.PID)
public final class BestOfEngine implements Engine {
    static final String PID = "${package}";

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,3}");

    private final int candidates;
    private final String criterion;

    @Activate
    public BestOfEngine(BestOfSettings settings) {
        candidates = settings.candidates();
        criterion = settings.criterion();
    }

    @Override
    public TurnOutcome run(Turn turn, TurnEmitter emitter) {
        ModelRequest request =
                turn.request().toBuilder().toolChoice(ToolChoice.NONE).build();
        List<ModelAnswer> answers = new ArrayList<>();
        for (int number = 1; number <= candidates; number++) {
            emitter.emit(new StatusUpdate("drafting", "Writing answer " + number + " of " + candidates + "."));
            answers.add(ModelAnswer.relay(turn.open(request), event -> {}));
        }
        ModelAnswer best = answers.get(allEqual(answers) ? 0 : choose(turn, emitter, request, answers));
        emitter.emit(new TextDelta(best.message().text()));
        turn.append(best.message());
        return TurnOutcome.completed(best.finishReason());
    }

    private static boolean allEqual(List<ModelAnswer> answers) {
        return answers.stream().map(answer -> answer.message().text()).distinct().count() == 1;
    }

    /** Let the model say which answer is the best; when it names none, it is the first. */
    private int choose(Turn turn, TurnEmitter emitter, ModelRequest request, List<ModelAnswer> answers) {
        emitter.emit(new StatusUpdate("choosing", "Choosing the best answer."));
        StringBuilder question = new StringBuilder("Here are several answers to what was asked.\n");
        for (int i = 0; i < answers.size(); i++) {
            question.append("\n[").append(i + 1).append("]\n").append(answers.get(i).message().text());
        }
        question.append("\n\nWhich one is the best? ").append(criterion).append(" Say its number only.");
        List<Message> messages = new ArrayList<>(request.messages());
        messages.add(Message.user(question.toString()));
        ModelAnswer verdict = ModelAnswer.relay(
                turn.open(request.toBuilder().messages(messages).build()), event -> {});
        Matcher number = NUMBER.matcher(verdict.message().text());
        int chosen = number.find() ? Integer.parseInt(number.group()) - 1 : 0;
        return chosen >= 0 && chosen < answers.size() ? chosen : 0;
    }
}
