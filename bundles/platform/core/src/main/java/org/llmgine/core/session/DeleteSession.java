package org.llmgine.core.session;

import java.util.Optional;
import org.llmgine.api.Principal;
import org.llmgine.core.command.AuditedCommand;

/**
 * Remove a session with its history, cancel its turns and wait a moment for their end. Needs the role {@code user}.
 *
 * <p>Fails with {@code not_found} for a session that is not the principal's, unless he is an admin.
 *
 * @param principal who asks
 * @param sessionId the session's id
 */
public record DeleteSession(Principal principal, String sessionId) implements AuditedCommand<Session> {
    @Override
    public String target() {
        return sessionId;
    }

    @Override
    public String details(Session result) {
        return "of " + result.owner();
    }

    /** What somebody does with his own sessions is his business. */
    @Override
    public boolean isAudited(Optional<Session> result) {
        return result.filter(session -> !session.owner().equals(principal.name()))
                .isPresent();
    }
}
