package org.llmgine.core.command;

import java.util.List;
import org.llmgine.api.Principal;

/**
 * List what was changed and by whom, newest first. Needs the role {@code admin}.
 *
 * @param principal who asks
 * @param filterPrincipal the name of who changed it; empty for all
 * @param action the command's name, such as {@code CreateKey}; empty for all
 * @param after the id of the entry after which to go on; empty to begin with the newest
 * @param limit how many at most, from 1 to {@link #MOST}
 */
public record ListAudit(Principal principal, String filterPrincipal, String action, String after, int limit)
        implements Command<List<AuditEntry>> {
    /** The most entries that one command lists. */
    public static final int MOST = 1000;
}
