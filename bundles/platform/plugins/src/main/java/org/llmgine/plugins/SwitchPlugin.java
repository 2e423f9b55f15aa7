package org.llmgine.plugins;

import java.util.Optional;
import java.util.function.Consumer;
import org.llmgine.api.Principal;
import org.llmgine.core.command.AuditedCommand;

/**
 * Let another kept version of a plugin serve, back or forward. Needs the role {@code operator}. Fails with {@code not_found},
 * {@code plugin_failed} and {@code busy}.
 *
 * @param principal who asks
 * @param plugin the plugin's id or its symbolic name
 * @param version which one; empty for the one that served before
 * @param progress is told of each step, on the thread that works
 */
public record SwitchPlugin(Principal principal, String plugin, Optional<String> version, Consumer<PluginStep> progress)
        implements AuditedCommand<PluginEntry> {
    @Override
    public String target() {
        return plugin;
    }

    @Override
    public String details(PluginEntry result) {
        return result.active();
    }
}
