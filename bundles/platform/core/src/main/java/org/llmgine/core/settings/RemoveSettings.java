package org.llmgine.core.settings;

import org.llmgine.api.Principal;
import org.llmgine.core.command.AuditedCommand;

/**
 * Store nothing any more for a configuration: files, variables and defaults count, and an instance that was only stored is gone.
 * Needs the role {@code operator}.
 *
 * <p>Fails with {@code not_found} when nothing is stored.
 *
 * @param principal who asks
 * @param pid the PID, or {@code pid~name}
 */
public record RemoveSettings(Principal principal, String pid) implements AuditedCommand<SettingsChange> {
    @Override
    public String target() {
        return pid;
    }

    @Override
    public String details(SettingsChange result) {
        return "version " + result.version();
    }
}
