package org.llmgine.core.session;

import java.util.List;
import org.llmgine.api.Principal;
import org.llmgine.core.command.Command;

/**
 * List a session's turns, oldest first. Needs the role {@code user}.
 *
 * <p>Fails with {@code not_found} for a session that is not the principal's, unless he is an admin.
 *
 * @param principal who asks
 * @param sessionId the session's id
 */
public record ListTurns(Principal principal, String sessionId) implements Command<List<SessionTurn>> {}
