package org.llmgine.cli;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the timers. */
@Command(
        name = "list",
        description = "List the timers.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  llmgine timers list",
            "  llmgine timers list --json | jq -r '.items[] | select(.state == \"parked\") | .id'",
            "",
            HostCommand.EXIT_CODES
        })
class ListTimersCommand extends HostCommand {
    @Option(
            names = {"-n", "--limit"},
            paramLabel = "N",
            defaultValue = "50",
            description = "How many at most (50).")
    int limit = 50;

    @Option(names = "--after", paramLabel = "ID", description = "Go on after the timer of this id.")
    @Nullable String after;

    ListTimersCommand(Io io) {
        super(io);
    }

    @Override
    final void run(Host host) throws HostException {
        Object answer = readOrPrint(
                host.get("/api/timers?limit=" + limit + (after == null ? "" : "&after=" + Host.segment(after))));
        if (answer == null) {
            return;
        }
        Table table = new Table("TIMER", "TYPE", "NEXT", "STATE", "SCHEDULE");
        Instant now = Instant.now();
        for (Object timer : Json.list(answer, "items")) {
            String name = Json.text(timer, "name");
            String next = Text.until(Json.text(timer, "next"), now);
            table.row(
                    name.isEmpty() ? Json.text(timer, "id") : name,
                    Json.text(timer, "type"),
                    next.equals("expired") ? "now" : next,
                    Json.text(timer, "state"),
                    Json.text(timer, "schedule"));
        }
        print(table, "There are no timers.");
    }
}
