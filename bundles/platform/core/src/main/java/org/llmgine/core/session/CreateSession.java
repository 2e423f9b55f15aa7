package org.llmgine.core.session;

import java.util.Optional;
import org.llmgine.api.Principal;
import org.llmgine.core.command.Command;

/**
 * Make a session, which belongs to who asks. Needs the role {@code user}.
 *
 * <p>One that goes on from another is like that one where the draft is empty, and has copies of its messages. Fails with
 * {@code invalid_request} or {@code model_not_found} and the field, with {@code not_found} for another session that is not the
 * principal's, and with {@code limit_reached} when the owner has as many as he may.
 *
 * @param principal who asks
 * @param draft what it is to be
 * @param from where its history comes from; empty for none
 */
public record CreateSession(Principal principal, SessionDraft draft, Optional<BranchPoint> from)
        implements Command<Session> {}
