package org.llmgine.shell.internal;

import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.core.settings.ConfigurationEntry;
import org.llmgine.core.settings.ListConfigurations;
import org.llmgine.shell.internal.Table.Kind;

/** Lists what can be configured. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "configs",
        description = "List what can be configured.",
        detailedDescription = "llmgine:config-show shows the settings of one.")
public final class ConfigsCommand extends TableCommand {
    @Override
    void run(Principal principal) {
        Table table = new Table("There is nothing to configure.")
                .column("PID", Kind.NAME)
                .column("Plugin", Kind.NAME)
                .column("Instances", Kind.TEXT)
                .column("Name", Kind.TEXT);
        for (ConfigurationEntry entry : commands.execute(new ListConfigurations(principal))) {
            table.row(
                    entry.pid(),
                    entry.plugin().orElse(""),
                    String.join(
                            " ",
                            entry.instances().stream()
                                    .map(instance -> instance.replace(entry.pid(), ""))
                                    .toList()),
                    entry.name());
        }
        print(table);
    }
}
