package org.llmgine.plugins;

import org.llmgine.api.Principal;
import org.llmgine.core.command.AuditedCommand;

/**
 * End a plugin's calls, uninstall it and forget all its versions. Its settings stay. Needs the role {@code operator}. Fails with
 * {@code not_found} and {@code busy}.
 *
 * @param principal who asks
 * @param plugin the plugin's id or its symbolic name
 */
public record RemovePlugin(Principal principal, String plugin) implements AuditedCommand<PluginEntry> {
    @Override
    public String target() {
        return plugin;
    }
}
