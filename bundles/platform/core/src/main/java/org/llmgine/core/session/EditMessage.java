package org.llmgine.core.session;

import org.llmgine.api.Principal;
import org.llmgine.core.command.Command;

/**
 * Put another message beside one of the history, which stays as a branch, and make it the session's head. Needs the role
 * {@code user}. Fails with {@code busy} while a turn is in progress.
 *
 * <p>Images and files of the message stay, tool calls don't. To have it answered, start a turn that replaces the new message and
 * has no prompt.
 *
 * <p>Fails with {@code not_found} for a session that is not the principal's, {@code forbidden} for an admin; with
 * {@code invalid_request} and the field {@code replaces} or {@code content}.
 *
 * @param principal who asks
 * @param sessionId the session's id
 * @param messageId the user's or the assistant's message that it replaces
 * @param text the new text
 */
public record EditMessage(Principal principal, String sessionId, String messageId, String text)
        implements Command<HistoryEntry> {}
