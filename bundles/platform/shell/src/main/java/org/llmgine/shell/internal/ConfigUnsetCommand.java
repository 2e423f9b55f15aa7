package org.llmgine.shell.internal;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.core.settings.ChangeSettings;
import org.llmgine.core.settings.RemoveSettings;

/** Takes stored settings away. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "config-unset",
        description = "Store nothing any more for some settings, or for all.",
        detailedDescription =
                "For operators. What files, variables and defaults say counts then. Without names, an instance that was only"
                        + " stored is gone.")
public final class ConfigUnsetCommand extends HostCommand {
    @Argument(name = "pid", description = "The PID, or PID~NAME for an instance.", required = true)
    @Completion(ConfigCompleter.class)
    String pid = "";

    @Argument(index = 1, name = "name", description = "A setting; all when none is named.", multiValued = true)
    List<String> names = List.of();

    @Override
    void run(Principal principal) {
        long version = names.isEmpty()
                ? commands.execute(new RemoveSettings(principal, pid)).version()
                : commands.execute(new ChangeSettings(
                                principal, pid, Map.of(), Set.copyOf(names), false, OptionalLong.empty()))
                        .version();
        String what = names.isEmpty() ? "Nothing" : String.join(", ", names) + ": nothing";
        out.println(what + " is stored for " + pid + " any more. Version " + version + ".");
    }
}
