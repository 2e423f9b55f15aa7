package org.llmgine.shell.internal;

import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.plugins.ListPlugins;
import org.llmgine.plugins.PluginEntry;
import org.llmgine.plugins.VersionEntry;
import org.llmgine.shell.internal.Table.Kind;

/** Lists the plugins. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "plugins",
        description = "List the plugins and their versions.",
        detailedDescription = "llmgine:plugin-install adds one, or another version of one.")
public final class PluginsCommand extends TableCommand {
    @Override
    void run(Principal principal) {
        Table table = new Table("There is no plugin.")
                .column("Plugin", Kind.NAME)
                .column("Kind", Kind.NAME)
                .column("Version", Kind.NAME)
                .column("State", Kind.NAME)
                .column("Calls", Kind.DETAIL)
                .column("Problem", Kind.TEXT);
        for (PluginEntry plugin : commands.execute(new ListPlugins(principal))) {
            for (VersionEntry version : plugin.versions()) {
                table.row(
                        plugin.id(),
                        String.join(", ", plugin.kinds()),
                        version.version(),
                        plugin.enabled() ? version.state() : "disabled",
                        version.leases(),
                        version.problem().orElse(""));
            }
        }
        print(table);
    }
}
