package org.llmgine.shell.internal;

import java.time.temporal.ChronoUnit;
import java.util.stream.Collectors;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.core.settings.ListSettingsChanges;
import org.llmgine.core.settings.SettingsChange;
import org.llmgine.shell.internal.Table.Kind;

/** Lists what was changed in a configuration. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "config-history",
        description = "List what was changed in a configuration, newest first.",
        detailedDescription = "For operators. llmgine:config-rollback goes back to a version.")
public final class ConfigHistoryCommand extends TableCommand {
    @Argument(name = "pid", description = "The PID, or PID~NAME for an instance.", required = true)
    @Completion(ConfigCompleter.class)
    String pid = "";

    @Override
    void run(Principal principal) {
        Table table = new Table("Nothing was changed.")
                .column("Version", Kind.FIGURE)
                .column("Time", Kind.NAME)
                .column("By", Kind.NAME)
                .column("Settings", Kind.TEXT);
        for (SettingsChange change :
                commands.execute(new ListSettingsChanges(principal, pid, 0, ListSettingsChanges.MOST))) {
            table.row(
                    change.version(),
                    change.time().truncatedTo(ChronoUnit.SECONDS),
                    change.principal(),
                    change.removed() ? "all removed" : what(change));
        }
        print(table);
    }

    private static String what(SettingsChange change) {
        return change.changed().stream()
                .map(name -> {
                    Object value = change.values().get(name);
                    return value != null
                            ? name + "=" + ConfigShowCommand.text(value)
                            : change.secrets().contains(name) ? name + " (secret)" : "no " + name;
                })
                .collect(Collectors.joining(", "));
    }
}
