package org.llmgine.core.session;

import org.llmgine.api.Principal;
import org.llmgine.core.command.Command;

/**
 * Read a session with its conversation. Needs the role {@code user}.
 *
 * <p>Fails with {@code not_found} for a session that is not the principal's, unless he is an admin.
 *
 * @param principal who asks
 * @param sessionId the session's id
 */
public record GetSession(Principal principal, String sessionId) implements Command<SessionHistory> {}
