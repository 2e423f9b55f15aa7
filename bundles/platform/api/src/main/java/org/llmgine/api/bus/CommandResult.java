package org.llmgine.api.bus;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.LlmgineException;

/**
 * Tell how a command ended. It has a value or a failure; a command without a result has neither when it is done.
 *
 * @param <R> the result
 * @param commandId the command's id
 * @param session the session that it ran in
 * @param origin the handler's bundle and component, as {@code bundle/component}; empty when there was no handler
 * @param duration how long it took, all attempts together
 * @param attempts how often the handler was called; 0 when it wasn't
 * @param value what the handler returned
 * @param failure why it failed
 */
public record CommandResult<R>(
        String commandId,
        String session,
        String origin,
        Duration duration,
        int attempts,
        @Nullable R value,
        Optional<LlmgineException> failure) {
    /** Check that all is there. */
    public CommandResult {
        Objects.requireNonNull(commandId, "commandId");
        Objects.requireNonNull(session, "session");
        Objects.requireNonNull(origin, "origin");
        Objects.requireNonNull(duration, "duration");
        Objects.requireNonNull(failure, "failure");
    }

    /** Tell whether the handler did it. */
    public boolean succeeded() {
        return failure.isEmpty();
    }

    /**
     * Return the value; null for a command without a result.
     *
     * @throws LlmgineException the failure, if it failed
     */
    @SuppressWarnings("NullAway")
    public R orElseThrow() {
        if (failure.isPresent()) {
            throw failure.get();
        }
        return value;
    }
}
