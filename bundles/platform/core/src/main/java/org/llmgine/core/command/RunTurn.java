package org.llmgine.core.command;

import java.util.Objects;
import org.llmgine.api.Principal;
import org.llmgine.api.engine.TurnEmitter;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.bus.Cancellation;

/**
 * Answer a request whose messages are a conversation that is not stored. Needs the role {@code user}.
 *
 * <p>The model's name decides how: {@code instance/model}, {@code default} and aliases are relayed by single-pass with the
 * request's own tools; {@code engine/NAME}, and an alias of it, runs that engine on {@code default} with the host's tools, a
 * call that needs approval being denied with a tool result; of its calls the emitter gets {@code ToolStarted} and
 * {@code ToolFinished}, and no {@code ToolCallDelta}.
 *
 * <p>It runs on the calling thread and returns when the answer is whole. The emitter gets {@code ModelStarted} before the first
 * event of each model call, and at the end one {@code UsageUpdate} for the whole turn (when the back-end tells) and one
 * {@code Finish}. What the emitter throws ends the turn.
 *
 * @param principal who asks
 * @param request what is asked
 * @param emitter takes the events, on the calling thread
 * @param cancellation ends the turn from another thread
 */
public record RunTurn(Principal principal, ModelRequest request, TurnEmitter emitter, Cancellation cancellation)
        implements Command<TurnSummary> {
    /** Check that all are given. */
    public RunTurn {
        Objects.requireNonNull(principal, "principal");
        Objects.requireNonNull(request, "request");
        Objects.requireNonNull(emitter, "emitter");
        Objects.requireNonNull(cancellation, "cancellation");
    }
}
