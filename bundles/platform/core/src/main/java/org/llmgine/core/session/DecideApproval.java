package org.llmgine.core.session;

import org.llmgine.api.Principal;
import org.llmgine.core.command.AuditedCommand;

/**
 * Approve or deny a tool call. Needs the role {@code user}, and that the call is one of the principal's own turns or that he is
 * an operator; the host's setting {@code approvalsByOwner} may leave it to operators. Only the host's own bundles may send it.
 *
 * <p>The decision is stored on return. The turn is entered again when all its calls are decided.
 *
 * <p>Fails with {@code not_found} for an approval that is not the principal's, {@code forbidden} when he may not decide,
 * {@code already_decided} when it is no longer pending, {@code invalid_request} and the field {@code reason} when that is too
 * long.
 *
 * @param principal who decides
 * @param approvalId the approval's id
 * @param approved whether the call may be made
 * @param reason what he says to it, possibly empty; a model reads why its call was denied
 */
public record DecideApproval(Principal principal, String approvalId, boolean approved, String reason)
        implements AuditedCommand<Approval> {
    @Override
    public String target() {
        return approvalId;
    }

    @Override
    public String details(Approval result) {
        return approved ? "approved" : "denied";
    }
}
