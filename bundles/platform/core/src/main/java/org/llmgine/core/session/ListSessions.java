package org.llmgine.core.session;

import java.util.List;
import java.util.Optional;
import org.llmgine.api.Principal;
import org.llmgine.core.command.Command;

/**
 * List sessions, the last changed first. Needs the role {@code user}; whose sessions, other than the principal's own, needs
 * the role {@code admin}.
 *
 * @param principal who asks
 * @param owner whose sessions; empty for the principal's own
 * @param limit how many at most, 1 to {@value #MOST}
 * @param after the id of the session after which to go on; empty to begin with the first
 */
public record ListSessions(Principal principal, String owner, int limit, Optional<String> after)
        implements Command<List<Session>> {
    /** So many are listed at once. */
    public static final int MOST = 500;
}
