package org.llmgine.core.session;

import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.MessageType;

/**
 * Tell that a person denied a tool call.
 *
 * @param approval the approval's id
 * @param session the session's id
 * @param turn the turn's id
 * @param tool the tool's name
 * @param decidedBy who denied it
 * @param reason what he said, possibly empty
 */
@MessageType("llmgine/approval/denied")
public record ApprovalDenied(String approval, String session, String turn, String tool, String decidedBy, String reason)
        implements Event {
    /** Describe a decision. */
    public static ApprovalDenied of(Approval approval) {
        return new ApprovalDenied(
                approval.id(),
                approval.session(),
                approval.turn(),
                approval.call().name(),
                approval.decidedBy().orElse(""),
                approval.reason());
    }
}
