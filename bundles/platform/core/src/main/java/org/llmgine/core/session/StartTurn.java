package org.llmgine.core.session;

import org.llmgine.api.Principal;
import org.llmgine.core.command.Command;

/**
 * Begin to answer a prompt, or queue it, and return at once: the turn goes on by itself. Needs the role {@code user}; fails
 * with {@code busy} by the session's setting.
 *
 * <p>A turn that waits begins when those before it are over, however they ended; its prompt is added to the history then. A turn
 * that runs is cancelled once nobody has read it for the grace of its session.
 *
 * <p>Fails with {@code not_found} for a session that is not the principal's, {@code forbidden} for an admin; with
 * {@code invalid_request} and the field {@code prompt} or {@code replaces}; with {@code limit_reached} when the history is full;
 * with {@code unavailable} while the host stops. What the engine or the model refuses is the turn's failure, not this one's.
 *
 * @param principal who asks
 * @param sessionId the session's id
 * @param draft what is asked
 */
public record StartTurn(Principal principal, String sessionId, TurnDraft draft) implements Command<SessionTurn> {}
