package org.llmgine.core.session;

import java.util.Optional;
import org.llmgine.api.Principal;
import org.llmgine.core.command.Command;

/**
 * Change a session; a turn in progress goes on as it began, one that waits begins as the session is then. Needs the role {@code user}.
 *
 * <p>Fails with {@code not_found} for a session that is not the principal's, {@code forbidden} for an admin; with
 * {@code invalid_request} or {@code model_not_found} and the field.
 *
 * @param principal who asks
 * @param sessionId the session's id
 * @param draft what changes
 * @param head the message that the conversation is to end with: switches to its branch; empty to stay. Fails with {@code busy} while
 *     a turn is in progress
 */
public record ChangeSession(Principal principal, String sessionId, SessionDraft draft, Optional<String> head)
        implements Command<Session> {}
