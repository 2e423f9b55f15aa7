package org.llmgine.core.session;

import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.MessageType;

/**
 * Tell that nobody decided on a tool call in time.
 *
 * @param approval the approval's id
 * @param session the session's id
 * @param turn the turn's id
 * @param tool the tool's name
 */
@MessageType("llmgine/approval/expired")
public record ApprovalExpired(String approval, String session, String turn, String tool) implements Event {
    /** Describe an expired approval. */
    public static ApprovalExpired of(Approval approval) {
        return new ApprovalExpired(
                approval.id(),
                approval.session(),
                approval.turn(),
                approval.call().name());
    }
}
