package org.llmgine.example.secondthought;

import java.util.ArrayList;
import java.util.List;
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
import org.osgi.service.component.annotations.Component;

@Component
@LlmginePlugin(id = "second-thought", kind = LlmginePlugin.ENGINE)
public final class SecondThoughtEngine implements Engine {
    private static final Message REVISE = Message.user("Say that again, shorter and without mistakes.");

    @Override
    public TurnOutcome run(Turn turn, TurnEmitter emitter) {
        emitter.emit(new StatusUpdate("drafting", "Writing a draft."));
        ModelRequest request =
                turn.request().toBuilder().toolChoice(ToolChoice.NONE).build();
        ModelAnswer draft = ModelAnswer.relay(turn.open(request), event -> {});

        emitter.emit(new StatusUpdate("revising", "Revising the draft."));
        List<Message> messages = new ArrayList<>(request.messages());
        messages.addAll(List.of(draft.message(), REVISE));
        ModelRequest again = request.toBuilder().messages(messages).build();
        ModelAnswer answer = ModelAnswer.relay(turn.open(again), emitter::emit);

        turn.append(answer.message());
        return TurnOutcome.completed(answer.finishReason());
    }
}
