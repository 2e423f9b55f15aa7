package org.llmgine.core.session;

import org.llmgine.api.Principal;
import org.llmgine.core.command.Command;

/**
 * Remove a session with its history, cancel its turns and wait a moment for their end. Needs the role {@code user}.
 *
 * <p>Fails with {@code not_found} for a session that is not the principal's, unless he is an admin.
 *
 * @param principal who asks
 * @param sessionId the session's id
 */
public record DeleteSession(Principal principal, String sessionId) implements Command<Session> {}
