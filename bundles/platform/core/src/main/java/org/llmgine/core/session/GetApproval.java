package org.llmgine.core.session;

import org.llmgine.api.Principal;
import org.llmgine.core.command.Command;

/**
 * Read an approval. Needs the role {@code user}.
 *
 * <p>Fails with {@code not_found} for one that is not the principal's, unless he is an operator.
 *
 * @param principal who asks
 * @param approvalId the approval's id
 */
public record GetApproval(Principal principal, String approvalId) implements Command<Approval> {}
