package org.llmgine.core.session;

import org.llmgine.api.Principal;
import org.llmgine.core.command.Command;

/**
 * Read the events of a turn, from its beginning or after a known one. Needs the role {@code user}; fails with
 * {@code not_found} once the events are no longer kept, with {@code invalid_request} and the field {@code after} when the turn
 * has no event of that number yet.
 *
 * <p>Fails with {@code not_found} for a session that is not the principal's, unless he is an admin.
 *
 * @param principal who asks
 * @param sessionId the session's id
 * @param turnId the turn's id
 * @param afterSeq the number of the last event that is known; 0 for none
 */
public record FollowTurn(Principal principal, String sessionId, String turnId, long afterSeq)
        implements Command<TurnReader> {}
