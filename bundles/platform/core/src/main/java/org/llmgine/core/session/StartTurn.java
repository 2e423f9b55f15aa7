package org.llmgine.core.session;

import org.llmgine.api.Principal;
import org.llmgine.core.command.Command;

/**
 * Begin to answer a prompt, or queue it, and return at once: the turn goes on by itself. Needs the role {@code user}; fails
 * with {@code busy} by the session's setting.
 *
 * <p>Fails with {@code not_found} for a session that is not the principal's.
 *
 * @param principal who asks
 * @param sessionId the session's id
 * @param draft what is asked
 */
public record StartTurn(Principal principal, String sessionId, TurnDraft draft) implements Command<SessionTurn> {}
