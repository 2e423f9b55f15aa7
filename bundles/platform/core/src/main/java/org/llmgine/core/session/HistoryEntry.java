package org.llmgine.core.session;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.llmgine.api.message.Message;

/**
 * Hold one message of a session's history; it never changes.
 *
 * @param id the id, {@code msg_…}, unique in the session
 * @param parent the message before it; empty for the first one
 * @param turn the turn that added it; empty when it was edited in or copied from another session
 * @param created when it was added
 * @param message the message
 * @param siblings all messages that have the same parent, this one included, oldest first: the branches that begin here
 */
public record HistoryEntry(
        String id,
        Optional<String> parent,
        Optional<String> turn,
        Instant created,
        Message message,
        List<String> siblings) {
    /** Copy the list. */
    public HistoryEntry {
        siblings = List.copyOf(siblings);
    }
}
