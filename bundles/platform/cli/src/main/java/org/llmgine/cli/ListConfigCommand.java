package org.llmgine.cli;

import java.util.List;
import picocli.CommandLine.Command;

/** Lists what can be configured. */
@Command(
        name = "list",
        description = "List what can be configured.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  llmgine config list",
            "  llmgine config list --json | jq -r '.items[] | select(.plugin) | .pid'",
            "",
            HostCommand.EXIT_CODES
        })
class ListConfigCommand extends HostCommand {
    ListConfigCommand(Io io) {
        super(io);
    }

    @Override
    final void run(Host host) throws HostException {
        Object answer = readOrPrint(host.get("/api/config"));
        if (answer == null) {
            return;
        }
        Table table = new Table("PID", "PLUGIN", "INSTANCES", "NAME");
        for (Object entry : Json.list(answer, "items")) {
            String pid = Json.text(entry, "pid");
            List<String> instances = Json.list(entry, "instances").stream()
                    .map(instance -> String.valueOf(instance).replace(pid, ""))
                    .toList();
            table.row(
                    pid,
                    Json.text(entry, "plugin"),
                    instances.isEmpty() && Boolean.TRUE.equals(Json.at(entry, "factory"))
                            ? "-"
                            : String.join(" ", instances),
                    Json.text(entry, "name"));
        }
        print(table, "There is nothing to configure.");
    }
}
