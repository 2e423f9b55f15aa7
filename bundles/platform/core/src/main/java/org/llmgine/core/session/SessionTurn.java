package org.llmgine.core.session;

import java.time.Instant;
import java.util.Optional;
import org.llmgine.api.stream.Usage;

/**
 * Describe a turn of a session.
 *
 * @param id the id, {@code turn_…}
 * @param session the session's id
 * @param state {@link #QUEUED}, {@link #RUNNING}, {@link #SUSPENDED}, {@link #COMPLETED}, {@link #FAILED} or {@link #CANCELLED}
 * @param prompt the id of the message that it answers; while it waits, not yet in the history
 * @param engine the engine
 * @param model the full name of the model that served last; empty while none did
 * @param created when it was asked for
 * @param ended when it was over; empty before
 * @param finishReason why the answer ended, see {@link org.llmgine.api.stream.Finish}; empty unless completed
 * @param usage the tokens of all its model calls; empty when no back-end told
 * @param failure why it failed or was cancelled; empty otherwise
 */
public record SessionTurn(
        String id,
        String session,
        String state,
        String prompt,
        String engine,
        String model,
        Instant created,
        Optional<Instant> ended,
        String finishReason,
        Optional<Usage> usage,
        Optional<TurnFailure> failure) {
    /** It waits for the turn before it. */
    public static final String QUEUED = "queued";

    /** It is being answered. */
    public static final String RUNNING = "running";

    /** It waits for a person to approve tool calls, and holds nothing meanwhile. */
    public static final String SUSPENDED = "suspended";

    /** It was answered. */
    public static final String COMPLETED = "completed";

    /** It ended with a failure. */
    public static final String FAILED = "failed";

    /** It was cancelled by request, or because nobody read it. */
    public static final String CANCELLED = "cancelled";

    /** Return it as it is when the host stopped, or died, while it was queued or running. */
    public SessionTurn interrupted(Instant when) {
        return ended(FAILED, when, TurnFailure.INTERRUPTED);
    }

    /** Return it as it is when it ended without an answer. */
    public SessionTurn ended(String state, Instant when, TurnFailure failure) {
        return new SessionTurn(
                id, session, state, prompt, engine, model, created, Optional.of(when), "", usage, Optional.of(failure));
    }

    /** Return it as it is when it runs again. */
    public SessionTurn running() {
        return new SessionTurn(
                id, session, RUNNING, prompt, engine, model, created, ended, finishReason, usage, failure);
    }

    /** Tell whether it is over. */
    public boolean isOver() {
        return ended.isPresent();
    }
}
