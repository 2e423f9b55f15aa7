package org.llmgine.itest.engine.echo.internal;

import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.engine.Engine;
import org.llmgine.api.engine.Turn;
import org.llmgine.api.engine.TurnEmitter;
import org.llmgine.api.engine.TurnOutcome;
import org.llmgine.api.message.Message;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.TextDelta;
import org.osgi.service.component.annotations.Component;

/** Says the prompt back. */
@LlmginePlugin(id = "echo", kind = LlmginePlugin.ENGINE)
@Component
public final class EchoEngine implements Engine {
    @Override
    public TurnOutcome run(Turn turn, TurnEmitter emitter) {
        String prompt = turn.messages().getLast().text();
        emitter.emit(new TextDelta(prompt));
        turn.append(Message.assistant(prompt));
        return TurnOutcome.completed(Finish.STOP);
    }
}
