package org.llmgine.shell.internal;

import java.time.temporal.ChronoUnit;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.bus.DeadLetter;
import org.llmgine.bus.DeadLetters;
import org.llmgine.core.command.DeadLetterPage;
import org.llmgine.core.command.ListDeadLetters;
import org.llmgine.shell.internal.Table.Kind;

/** Lists the messages that the bus gave up. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "dead-letters",
        description = "List the messages that were given up, oldest first.",
        detailedDescription = "For operators. llmgine:dead-letter-retry sends them again.")
public final class DeadLettersCommand extends TableCommand {
    @Option(name = "-t", aliases = "--type", description = "Only messages of this type.")
    @Completion(DeadTypeCompleter.class)
    String type = "";

    @Option(name = "-n", aliases = "--limit", description = "How many at most, 1 to " + DeadLetters.MOST + ".")
    int limit = 50;

    @Override
    void run(Principal principal) {
        int most = Math.clamp(limit, 1, DeadLetters.MOST);
        DeadLetterPage page = commands.execute(new ListDeadLetters(principal, type, "", most));
        Table table = new Table("There is no dead letter.")
                .column("Id", Kind.NAME)
                .column("Type", Kind.TEXT)
                .column("Tried", Kind.FIGURE_DETAIL)
                .column("Last", Kind.DETAIL)
                .column("Error", Kind.TEXT);
        for (DeadLetter letter : page.letters()) {
            table.row(
                    letter.id(),
                    letter.message().type(),
                    letter.attempts(),
                    letter.last().truncatedTo(ChronoUnit.SECONDS),
                    letter.error());
        }
        print(table);
    }
}
