package org.llmgine.core.session;

import java.util.List;

/**
 * Hold a session with its conversation.
 *
 * @param session the session
 * @param messages the messages from the first one to the session's head
 */
public record SessionHistory(Session session, List<HistoryEntry> messages) {
    /** Copy the list. */
    public SessionHistory {
        messages = List.copyOf(messages);
    }
}
