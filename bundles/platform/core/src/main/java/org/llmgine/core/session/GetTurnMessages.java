package org.llmgine.core.session;

import java.util.List;
import org.llmgine.api.Principal;
import org.llmgine.core.command.Command;

/**
 * Read the messages that a turn has added so far, oldest first, whether or not the conversation still ends with them. Needs the
 * role {@code user}.
 *
 * <p>Fails with {@code not_found} for a session that is not the principal's, unless he is an admin.
 *
 * @param principal who asks
 * @param sessionId the session's id
 * @param turnId the turn's id
 */
public record GetTurnMessages(Principal principal, String sessionId, String turnId)
        implements Command<List<HistoryEntry>> {}
