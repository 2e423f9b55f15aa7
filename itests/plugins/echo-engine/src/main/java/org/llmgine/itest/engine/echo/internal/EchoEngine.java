package org.llmgine.itest.engine.echo.internal;

import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.engine.Engine;
import org.llmgine.api.engine.Turn;
import org.llmgine.api.engine.TurnEmitter;
import org.llmgine.api.engine.TurnOutcome;
import org.llmgine.api.message.Message;
import org.llmgine.api.model.ModelAnswer;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.TextDelta;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Says the prompt back; one that begins with {@code relay+} is answered by the model, between two mentions of its version. */
@LlmginePlugin(id = "echo", kind = LlmginePlugin.ENGINE)
@Component
public final class EchoEngine implements Engine {
    private final String version;

    @Activate
    public EchoEngine(BundleContext context) {
        version = "engine " + context.getBundle().getVersion();
    }

    @Override
    public TurnOutcome run(Turn turn, TurnEmitter emitter) {
        String prompt = turn.messages().getLast().text();
        if (prompt.startsWith("relay+")) {
            emitter.emit(new TextDelta(version + " "));
            ModelAnswer answer = ModelAnswer.relay(turn.open(turn.request()), emitter::emit);
            emitter.emit(new TextDelta(" " + version));
            turn.append(answer.message());
            return TurnOutcome.completed(answer.finishReason());
        }
        emitter.emit(new TextDelta(prompt));
        turn.append(Message.assistant(prompt));
        return TurnOutcome.completed(Finish.STOP);
    }
}
