package org.llmgine.plugins;

import org.llmgine.api.Principal;
import org.llmgine.core.command.Command;

/**
 * Describe a plugin. Needs the role {@code viewer}. Fails with {@code not_found}.
 *
 * @param principal who asks
 * @param plugin the plugin's id or its symbolic name
 */
public record GetPlugin(Principal principal, String plugin) implements Command<PluginEntry> {}
