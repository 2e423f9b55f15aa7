package org.llmgine.core.session;

import org.llmgine.api.Principal;
import org.llmgine.core.command.Command;

/**
 * Cancel a turn and wait a moment for its end; one that is over stays as it is. Needs the role {@code user}.
 *
 * <p>Fails with {@code not_found} for a session that is not the principal's, unless he is an admin.
 *
 * @param principal who asks
 * @param sessionId the session's id
 * @param turnId the turn's id
 */
public record CancelTurn(Principal principal, String sessionId, String turnId) implements Command<SessionTurn> {}
