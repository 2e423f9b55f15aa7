package org.llmgine.shell.internal;

import java.util.Collection;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.core.settings.Configuration;
import org.llmgine.core.settings.GetConfiguration;
import org.llmgine.core.settings.Setting;
import org.llmgine.shell.internal.Table.Kind;

/** Shows the settings of a configuration. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "config-show",
        description = "Show the settings of a configuration, and where each comes from.",
        detailedDescription = "For operators. Secrets are not shown.")
public final class ConfigShowCommand extends TableCommand {
    @Argument(name = "pid", description = "The PID, or PID~NAME for an instance.", required = true)
    @Completion(ConfigCompleter.class)
    String pid = "";

    @Override
    void run(Principal principal) {
        Configuration found = commands.execute(new GetConfiguration(principal, pid));
        Table table = new Table("It has no settings.")
                .column("Setting", Kind.NAME)
                .column("Value", Kind.TEXT)
                .column("From", Kind.NAME)
                .column("Problem", Kind.TEXT);
        for (Setting setting : found.settings()) {
            table.row(
                    setting.name(),
                    setting.secret()
                            ? setting.set() ? "(set)" : ""
                            : setting.value().map(ConfigShowCommand::text).orElse(""),
                    setting.source().isEmpty() ? setting.origin() : setting.source(),
                    setting.problem().orElse(""));
        }
        print(table);
    }

    /** Write a value in a line. */
    static String text(Object value) {
        return value instanceof Collection<?> list
                ? list.stream().map(Objects::toString).collect(Collectors.joining(", "))
                : value.toString();
    }
}
