package org.llmgine.shell.internal;

import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.plugins.EnablePlugin;
import org.llmgine.plugins.PluginEntry;

/** Let a plugin serve again. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "plugin-enable",
        description = "Let a plugin serve again.",
        detailedDescription = "For operators.")
public final class PluginEnableCommand extends HostCommand {
    @Argument(name = "plugin", description = "The plugin's id, as llmgine:plugins shows it.", required = true)
    @Completion(PluginCompleter.class)
    String plugin = "";

    @Override
    void run(Principal principal) {
        PluginEntry now = commands.execute(new EnablePlugin(principal, plugin));
        out.println(now.id() + " " + now.active() + " serves.");
    }
}
