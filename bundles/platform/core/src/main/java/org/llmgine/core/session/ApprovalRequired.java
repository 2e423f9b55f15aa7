package org.llmgine.core.session;

import org.llmgine.api.stream.StreamEvent;

/**
 * Tell the readers of a turn that a tool call waits for a person; the turn is suspended until all of them are decided.
 *
 * @param approval the approval, pending
 */
public record ApprovalRequired(Approval approval) implements StreamEvent {}
