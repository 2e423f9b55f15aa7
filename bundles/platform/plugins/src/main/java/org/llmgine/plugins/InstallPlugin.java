package org.llmgine.plugins;

import java.util.Optional;
import java.util.function.Consumer;
import org.llmgine.api.Principal;
import org.llmgine.core.command.AuditedCommand;

/**
 * Install a plugin, or another version of one: check its jar, start it beside the version that serves, and let it take over when
 * it is ready. Needs the role {@code operator}. Returns when it serves; the former version ends its calls afterwards.
 *
 * <p>Fails with {@code plugin_refused} when a check fails, {@code plugin_failed} when it does not become ready, and {@code busy}
 * while another change of the same plugin takes its time; nothing has changed then.
 *
 * @param principal who asks
 * @param source the jar
 * @param plugin the id or the symbolic name of a plugin that is there, of which it must be a version; empty for any
 * @param sha256 what its SHA-256 must be, in hexadecimal; empty for anything
 * @param dryRun whether to do no more than the checks
 * @param progress is told of each step, on the thread that works
 */
public record InstallPlugin(
        Principal principal,
        PluginSource source,
        Optional<String> plugin,
        Optional<String> sha256,
        boolean dryRun,
        Consumer<PluginStep> progress)
        implements AuditedCommand<InstallReport> {
    @Override
    public String target() {
        return source.label();
    }

    @Override
    public String details(InstallReport result) {
        return result.symbolicName() + " " + result.version();
    }

    @Override
    public boolean isAudited(Optional<InstallReport> result) {
        return !dryRun;
    }
}
