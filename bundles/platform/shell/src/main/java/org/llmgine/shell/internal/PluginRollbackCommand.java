package org.llmgine.shell.internal;

import java.util.Optional;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.plugins.PluginEntry;
import org.llmgine.plugins.SwitchPlugin;

/** Lets another kept version of a plugin serve. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "plugin-rollback",
        description = "Let another kept version of a plugin serve.",
        detailedDescription = "For operators. Without a version it is the one that served before.")
public final class PluginRollbackCommand extends HostCommand {
    @Argument(name = "plugin", description = "The plugin's id, as llmgine:plugins shows it.", required = true)
    @Completion(PluginCompleter.class)
    String plugin = "";

    @Argument(index = 1, name = "version", description = "The version, as llmgine:plugins shows it.")
    String version = "";

    @Override
    void run(Principal principal) {
        PluginEntry now = commands.execute(new SwitchPlugin(
                principal,
                plugin,
                Optional.of(version).filter(text -> !text.isEmpty()),
                step -> out.println(step.message())));
        out.println(now.id() + " " + now.active() + " serves.");
    }
}
