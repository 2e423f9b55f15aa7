package org.llmgine.core.session;

import java.util.List;
import java.util.Optional;
import org.llmgine.api.Principal;
import org.llmgine.core.command.Command;

/**
 * List approvals, the newest first: the principal's own, and everybody's for an operator. Needs the role {@code user}.
 *
 * <p>Fails with {@code invalid_request} and the field {@code state}, {@code limit} or {@code after}.
 *
 * @param principal who asks
 * @param state in which state, see {@link Approval#state()}; empty for all
 * @param session of which session; empty for all
 * @param turn of which turn; empty for all
 * @param limit how many at most, 1 to {@value #MOST}
 * @param after the id of the approval after which to go on; empty to begin with the first
 */
public record ListApprovals(
        Principal principal,
        Optional<String> state,
        Optional<String> session,
        Optional<String> turn,
        int limit,
        Optional<String> after)
        implements Command<List<Approval>> {
    /** So many are listed at once. */
    public static final int MOST = 500;
}
