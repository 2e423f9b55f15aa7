package org.llmgine.shell.internal;

import java.util.OptionalLong;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.core.settings.Configuration;
import org.llmgine.core.settings.RollBackSettings;

/** Stores again what was stored at a former version. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "config-rollback",
        description = "Store again what was stored at a former version.",
        detailedDescription = "For operators. Without a version it is the one before the last change.")
public final class ConfigRollbackCommand extends HostCommand {
    @Argument(name = "pid", description = "The PID, or PID~NAME for an instance.", required = true)
    @Completion(ConfigCompleter.class)
    String pid = "";

    @Argument(index = 1, name = "version", description = "The version, as llmgine:config-history shows it.")
    int version;

    @Override
    void run(Principal principal) {
        Configuration now = commands.execute(
                new RollBackSettings(principal, pid, version == 0 ? OptionalLong.empty() : OptionalLong.of(version)));
        out.println(
                now.stored()
                        ? "The settings of " + now.pid() + " are stored and in force. Version " + now.version() + "."
                        : "Nothing is stored for " + now.pid() + " any more. Version " + now.version() + ".");
    }
}
