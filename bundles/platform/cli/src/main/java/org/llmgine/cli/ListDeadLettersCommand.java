package org.llmgine.cli;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the messages that the bus gave up. */
@Command(
        name = "list",
        description = "List the messages that were given up, oldest first.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  llmgine dead-letters list --type shop/order/placed",
            "  llmgine dead-letters list --json | jq -r '.items[].id'",
            "",
            HostCommand.EXIT_CODES
        })
class ListDeadLettersCommand extends HostCommand {
    @Option(
            names = {"-t", "--type"},
            paramLabel = "TYPE",
            description = "Only messages of this type.")
    @Nullable String type;

    @Option(
            names = {"-n", "--limit"},
            paramLabel = "N",
            defaultValue = "50",
            description = "How many at most (50).")
    int limit = 50;

    @Option(names = "--after", paramLabel = "ID", description = "Go on after this one.")
    @Nullable String after;

    ListDeadLettersCommand(Io io) {
        super(io);
    }

    @Override
    final void run(Host host) throws HostException {
        Object answer = readOrPrint(host.get("/api/dead-letters?limit=" + limit
                + (type == null ? "" : "&type=" + Host.segment(type))
                + (after == null ? "" : "&after=" + Host.segment(after))));
        if (answer == null) {
            return;
        }
        Table table = new Table("LETTER", "TYPE", "TRIED", "LAST", "ERROR");
        Instant now = Instant.now();
        for (Object letter : Json.list(answer, "items")) {
            table.row(
                    Json.text(letter, "id"),
                    Json.text(letter, "type"),
                    Json.number(letter, "attempts") + "x",
                    Text.ago(Json.text(letter, "last"), now),
                    Json.text(letter, "error"));
        }
        print(table, "There are no dead letters" + (type == null ? "." : " of this type."));
    }
}
