package org.llmgine.cli;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists who changed what. */
@Command(
        name = "audit",
        description = "List what was changed and by whom, newest first, for admins.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  llmgine audit",
            "  llmgine audit --principal ann --action CreateKey",
            "  llmgine audit --json | jq -r '.items[].action'",
            "",
            HostCommand.EXIT_CODES
        })
final class AuditCommand extends HostCommand {
    @Option(
            names = {"-p", "--principal"},
            paramLabel = "NAME",
            description = "Only what this one did.")
    @Nullable String principal;

    @Option(
            names = {"-a", "--action"},
            paramLabel = "NAME",
            description = "Only this command, such as CreateKey.")
    @Nullable String action;

    @Option(
            names = {"-n", "--limit"},
            paramLabel = "N",
            defaultValue = "50",
            description = "How many at most (50).")
    int limit = 50;

    @Option(names = "--after", paramLabel = "ID", description = "Go on after the entry of this id.")
    @Nullable String after;

    AuditCommand(Io io) {
        super(io);
    }

    @Override
    void run(Host host) throws HostException {
        Object answer = readOrPrint(host.get("/api/audit?limit=" + limit
                + (principal == null ? "" : "&principal=" + Host.segment(principal))
                + (action == null ? "" : "&action=" + Host.segment(action))
                + (after == null ? "" : "&after=" + Host.segment(after))));
        if (answer == null) {
            return;
        }
        Table table = new Table("ACTION", "WHO", "WHEN", "OUTCOME", "TARGET");
        Instant now = Instant.now();
        for (Object entry : Json.list(answer, "items")) {
            table.row(
                    Json.text(entry, "action"),
                    Json.text(entry, "principal"),
                    Text.ago(Json.text(entry, "time"), now),
                    Json.text(entry, "outcome"),
                    Json.text(entry, "target"));
        }
        print(table, "Nothing of that kind was changed.");
    }
}
