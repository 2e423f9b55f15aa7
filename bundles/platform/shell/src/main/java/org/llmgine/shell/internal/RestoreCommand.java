package org.llmgine.shell.internal;

import java.nio.file.Path;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.core.command.BackupReport;
import org.llmgine.core.command.RestoreBackup;

/** Restores a backup. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "restore",
        description = "Put a backup in the place of all that is stored.",
        detailedDescription =
                "For admins. All of it is restored, or nothing. It is refused while turns of sessions are in progress.")
public final class RestoreCommand extends HostCommand {
    @Argument(name = "file", description = "The backup, where the host runs.", required = true)
    String file = "";

    @Override
    void run(Principal principal) {
        BackupReport report =
                commands.execute(new RestoreBackup(principal, Path.of(file).toAbsolutePath()));
        out.println("Restored the backup of " + report.created() + ": " + BackupCommand.counts(report));
    }
}
