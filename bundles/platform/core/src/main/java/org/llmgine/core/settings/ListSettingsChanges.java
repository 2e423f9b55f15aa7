package org.llmgine.core.settings;

import java.util.List;
import org.llmgine.api.Principal;
import org.llmgine.core.command.Command;

/**
 * List what was changed in a configuration, newest first. Needs the role {@code operator}.
 *
 * <p>Fails with {@code not_found}.
 *
 * @param principal who asks
 * @param pid the PID, or {@code pid~name}
 * @param before the version before which to begin; 0 to begin with the newest
 * @param limit how many at most, from 1 to {@link #MOST}
 */
public record ListSettingsChanges(Principal principal, String pid, long before, int limit)
        implements Command<List<SettingsChange>> {
    /** So many changes of a configuration are kept. */
    public static final int MOST = 100;
}
