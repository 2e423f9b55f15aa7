package org.llmgine.core.settings;

import java.util.OptionalLong;
import org.llmgine.api.Principal;
import org.llmgine.core.command.AuditedCommand;

/**
 * Store again what was stored at a former version, its secrets with it; that is a new version. Needs the role {@code operator}.
 *
 * <p>Fails with {@code not_found} when that version isn't kept, and with {@code invalid_request}, naming the setting, when what
 * it holds is not allowed any more.
 *
 * @param principal who asks
 * @param pid the PID, or {@code pid~name}
 * @param to the version; empty for the one before the last change
 */
public record RollBackSettings(Principal principal, String pid, OptionalLong to)
        implements AuditedCommand<Configuration> {
    @Override
    public String target() {
        return pid;
    }

    @Override
    public String details(Configuration result) {
        return "version " + result.version() + (to.isPresent() ? ", as version " + to.getAsLong() : "");
    }
}
