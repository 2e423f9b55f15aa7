package org.llmgine.core.session;

import org.llmgine.api.stream.StreamEvent;

/**
 * Tell the readers of a turn that is entered again how an approval was decided.
 *
 * @param approval the approval, no longer pending
 */
public record ApprovalDecided(Approval approval) implements StreamEvent {}
