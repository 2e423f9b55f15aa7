package org.llmgine.core.session;

import java.util.Optional;
import org.llmgine.api.Principal;
import org.llmgine.core.command.Command;

/**
 * Make a session. Needs the role {@code user}.
 *
 * @param principal who asks
 * @param draft what it is to be
 * @param from where its history begins; empty for none
 */
public record CreateSession(Principal principal, SessionDraft draft, Optional<BranchPoint> from)
        implements Command<Session> {}
