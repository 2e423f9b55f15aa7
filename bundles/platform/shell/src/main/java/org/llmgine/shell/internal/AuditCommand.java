package org.llmgine.shell.internal;

import java.time.temporal.ChronoUnit;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.core.command.AuditEntry;
import org.llmgine.core.command.ListAudit;
import org.llmgine.shell.internal.Table.Kind;

/** Lists who changed what. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "audit",
        description = "List what was changed and by whom, newest first.",
        detailedDescription = "For admins.")
public final class AuditCommand extends TableCommand {
    @Option(name = "-p", aliases = "--principal", description = "Only what this one did.")
    String who = "";

    @Option(name = "-a", aliases = "--action", description = "Only this command, such as CreateKey.")
    String action = "";

    @Option(name = "-n", aliases = "--limit", description = "How many at most, 1 to " + ListAudit.MOST + ".")
    int limit = 50;

    @Override
    void run(Principal principal) {
        int most = Math.clamp(limit, 1, ListAudit.MOST);
        Table table = new Table("Nothing of that kind was changed.")
                .column("Time", Kind.NAME)
                .column("Who", Kind.NAME)
                .column("Action", Kind.NAME)
                .column("Target", Kind.TEXT)
                .column("Outcome", Kind.DETAIL)
                .column("Face", Kind.DETAIL);
        for (AuditEntry entry : commands.execute(new ListAudit(principal, who, action, "", most))) {
            table.row(
                    entry.time().truncatedTo(ChronoUnit.SECONDS),
                    entry.principal(),
                    entry.action(),
                    entry.target(),
                    entry.outcome(),
                    entry.face());
        }
        print(table);
    }
}
