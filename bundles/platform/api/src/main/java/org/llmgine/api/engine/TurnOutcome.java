package org.llmgine.api.engine;

import java.util.List;
import java.util.Objects;
import org.llmgine.api.message.ToolCall;

/**
 * Tell how a run of a turn ended.
 *
 * @param finishReason why the answer ended, see {@link org.llmgine.api.stream.Finish}; empty when suspended
 * @param pending the tool calls that the turn waits for; empty when it is complete
 */
public record TurnOutcome(String finishReason, List<ToolCall> pending) {
    /** Copy the list. */
    public TurnOutcome {
        Objects.requireNonNull(finishReason, "finishReason");
        pending = List.copyOf(pending);
    }

    /** Tell that the turn is complete. */
    public static TurnOutcome completed(String finishReason) {
        return new TurnOutcome(finishReason, List.of());
    }

    /**
     * Tell that the turn waits for these calls; the host enters it again when they have their results.
     *
     * @throws IllegalArgumentException when there is nothing to wait for
     */
    public static TurnOutcome suspended(List<ToolCall> pending) {
        if (pending.isEmpty()) {
            throw new IllegalArgumentException("A suspended turn must wait for a call.");
        }
        return new TurnOutcome("", pending);
    }

    /** Tell whether the turn waits. */
    public boolean isSuspended() {
        return !pending.isEmpty();
    }
}
