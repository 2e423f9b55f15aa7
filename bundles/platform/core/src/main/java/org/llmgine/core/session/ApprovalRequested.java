package org.llmgine.core.session;

import java.time.Instant;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.MessageType;

/**
 * Tell that a tool call waits for a person.
 *
 * @param approval the approval's id
 * @param session the session's id
 * @param turn the turn's id
 * @param tool the tool's name
 * @param arguments the arguments as JSON text
 * @param askedBy the name of the session's owner
 * @param expires when it can no longer be approved
 */
@MessageType("llmgine/approval/requested")
public record ApprovalRequested(
        String approval, String session, String turn, String tool, String arguments, String askedBy, Instant expires)
        implements Event {
    /** Describe a pending approval. */
    public static ApprovalRequested of(Approval approval) {
        return new ApprovalRequested(
                approval.id(),
                approval.session(),
                approval.turn(),
                approval.call().name(),
                approval.call().arguments(),
                approval.askedBy().name(),
                approval.expires());
    }
}
