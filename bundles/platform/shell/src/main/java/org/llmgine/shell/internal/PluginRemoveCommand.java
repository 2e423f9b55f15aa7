package org.llmgine.shell.internal;

import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.plugins.PluginEntry;
import org.llmgine.plugins.RemovePlugin;

/** Remove a plugin with all its versions. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "plugin-remove",
        description = "Remove a plugin with all its versions.",
        detailedDescription = "For operators.")
public final class PluginRemoveCommand extends HostCommand {
    @Argument(name = "plugin", description = "The plugin's id, as llmgine:plugins shows it.", required = true)
    @Completion(PluginCompleter.class)
    String plugin = "";

    @Override
    void run(Principal principal) {
        PluginEntry now = commands.execute(new RemovePlugin(principal, plugin));
        out.println(now.id() + " " + now.active() + " is removed.");
    }
}
