package org.llmgine.core.internal;

import java.time.Duration;
import java.util.Optional;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.MessageBus;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.api.event.ToolCalled;
import org.llmgine.api.event.TurnEnded;
import org.llmgine.api.event.TurnStarted;
import org.llmgine.core.session.SessionTurn;

/**
 * Tells of turns on the bus. A turn whose conversation isn't stored has no session to name; the bus' session is then that of the
 * command, which is inherited.
 *
 * <p>Listeners and filters are foreign code: nothing is told while a lock is held.
 */
record Narrator(MessageBus bus) {
    void started(String turn, String session, String engine, String model, Principal principal) {
        tell(new TurnStarted(turn, session, engine, model), session, principal);
    }

    void toolCalled(String turn, String session, Principal principal, Tools.Pending begun, Tools.Done done) {
        tell(
                new ToolCalled(
                        turn,
                        session,
                        begun.call().name(),
                        begun.call().id(),
                        !done.result().isError(),
                        done.elapsed()),
                session,
                principal);
    }

    /** Tell of the end of a session's turn. */
    void ended(SessionTurn turn, Principal principal, Duration duration) {
        tell(
                new TurnEnded(
                        turn.id(),
                        turn.session(),
                        turn.engine(),
                        turn.model(),
                        turn.state(),
                        turn.finishReason(),
                        turn.usage(),
                        duration,
                        turn.failure().map(failure -> failure.code().name())),
                turn.session(),
                principal);
    }

    /** Tell of the end of a turn that isn't stored. */
    void ended(HostTurn turn, String engine, Duration duration, String finishReason, Optional<ErrorCode> failure) {
        String state = failure.map(
                        code -> code.equals(ErrorCode.CANCELLED) ? SessionTurn.CANCELLED : SessionTurn.FAILED)
                .orElse(SessionTurn.COMPLETED);
        tell(
                new TurnEnded(
                        turn.id(),
                        "",
                        engine,
                        turn.model(),
                        state,
                        finishReason,
                        turn.usage(),
                        duration,
                        failure.map(ErrorCode::name)),
                "",
                turn.principal());
    }

    private void tell(Event event, String session, Principal principal) {
        SendOptions options = SendOptions.DEFAULT.withPrincipal(principal);
        bus.publish(event, session.isEmpty() ? options : options.withSession(session));
    }
}
