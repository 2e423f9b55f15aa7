package org.llmgine.cli;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the approvals. */
@Command(
        name = "list",
        description = "List the tool calls that wait for a person, the newest first; operators see everybody's.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  llmgine approvals list",
            "  llmgine approvals list --state all --session sess_…",
            "",
            HostCommand.EXIT_CODES
        })
class ListApprovalsCommand extends HostCommand {
    private static final String ALL = "all";

    @Option(
            names = "--state",
            paramLabel = "STATE",
            defaultValue = "pending",
            description = "pending (the default), approved, denied, expired, cancelled or all.")
    String state = "pending";

    @Option(names = "--session", paramLabel = "ID", description = "Those of one session.")
    @Nullable String session;

    @Option(
            names = {"-n", "--limit"},
            paramLabel = "N",
            defaultValue = "50",
            description = "How many at most (50).")
    int limit = 50;

    ListApprovalsCommand(Io io) {
        super(io);
    }

    @Override
    final void run(Host host) throws HostException {
        String which = (state.equals(ALL) ? "" : "&state=" + Host.segment(state))
                + (session == null ? "" : "&session=" + Host.segment(session));
        Object answer = readOrPrint(host.get("/api/approvals?limit=" + limit + which));
        if (answer == null) {
            return;
        }
        Table table = new Table("APPROVAL", "STATE", "ASKED BY", "CALL", "CREATED");
        for (Object approval : Json.list(answer, "items")) {
            table.row(
                    Json.text(approval, "id"),
                    Json.text(approval, "state"),
                    Json.text(approval, "askedBy"),
                    Json.text(approval, "tool") + " " + Json.text(approval, "arguments"),
                    Text.ago(Json.text(approval, "created"), Instant.now()));
        }
        print(table, state.equals(ALL) ? "There are no approvals." : "There are no " + state + " approvals.");
    }
}
