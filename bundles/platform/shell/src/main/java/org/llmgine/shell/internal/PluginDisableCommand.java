package org.llmgine.shell.internal;

import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.plugins.DisablePlugin;
import org.llmgine.plugins.PluginEntry;

/** Let a plugin serve no more. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "plugin-disable",
        description = "Let a plugin serve no more.",
        detailedDescription = "For operators.")
public final class PluginDisableCommand extends HostCommand {
    @Argument(name = "plugin", description = "The plugin's id, as llmgine:plugins shows it.", required = true)
    @Completion(PluginCompleter.class)
    String plugin = "";

    @Override
    void run(Principal principal) {
        PluginEntry now = commands.execute(new DisablePlugin(principal, plugin));
        out.println(now.id() + " " + now.active() + " is disabled.");
    }
}
