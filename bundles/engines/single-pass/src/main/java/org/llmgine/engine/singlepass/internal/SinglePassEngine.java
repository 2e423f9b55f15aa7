package org.llmgine.engine.singlepass.internal;

import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.engine.Engine;
import org.llmgine.api.engine.Turn;
import org.llmgine.api.engine.TurnEmitter;
import org.llmgine.api.engine.TurnOutcome;
import org.llmgine.api.model.ModelAnswer;
import org.osgi.service.component.annotations.Component;

/** Makes one model call and relays it event by event; tool calls go to the caller. */
@LlmginePlugin(
        id = "single-pass",
        kind = LlmginePlugin.ENGINE,
        name = "Single pass",
        description = "Makes one model call and relays its answer.",
        author = "LLMgine")
@Component
public final class SinglePassEngine implements Engine {
    @Override
    public TurnOutcome run(Turn turn, TurnEmitter emitter) {
        ModelAnswer answer = ModelAnswer.relay(turn.open(turn.request()), emitter::emit);
        turn.append(answer.message());
        return TurnOutcome.completed(answer.finishReason());
    }
}
