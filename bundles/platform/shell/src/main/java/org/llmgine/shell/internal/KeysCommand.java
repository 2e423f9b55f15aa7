package org.llmgine.shell.internal;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.core.command.KeyEntry;
import org.llmgine.core.command.ListKeys;
import org.llmgine.shell.internal.Table.Kind;

/** Lists the API keys without their secrets. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "keys",
        description = "List the API keys, newest first.",
        detailedDescription = "For admins. A key's secret was shown when it was made and is stored as a hash only.")
public final class KeysCommand extends TableCommand {
    @Override
    void run(Principal principal) {
        Table table = new Table("There is no key.")
                .column("Id", Kind.NAME)
                .column("Account", Kind.TEXT)
                .column("For", Kind.TEXT)
                .column("Created", Kind.DETAIL)
                .column("Expires", Kind.NAME);
        for (KeyEntry key : commands.execute(new ListKeys(principal))) {
            table.row(
                    key.keyId(),
                    key.account(),
                    key.label(),
                    time(key.created()),
                    key.expires().map(KeysCommand::time).orElse("never"));
        }
        print(table);
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
