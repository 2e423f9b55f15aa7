package org.llmgine.cli;

import picocli.CommandLine.Command;

/** Lists the plugins. */
@Command(
        name = "list",
        description = "List the plugins.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  llmgine plugins list",
            "  llmgine plugins list --json | jq -r '.items[] | select(.enabled) | .id'",
            "",
            HostCommand.EXIT_CODES
        })
class ListPluginsCommand extends HostCommand {
    ListPluginsCommand(Io io) {
        super(io);
    }

    @Override
    final void run(Host host) throws HostException {
        Object answer = readOrPrint(host.get("/api/plugins"));
        if (answer == null) {
            return;
        }
        Table table = new Table("PLUGIN", "KIND", "VERSION", "STATE", "KEPT", "DESCRIPTION");
        for (Object plugin : Json.list(answer, "items")) {
            table.row(
                    Json.text(plugin, "id"),
                    kinds(plugin),
                    Json.text(plugin, "active"),
                    state(plugin),
                    String.valueOf(Json.list(plugin, "versions").size()),
                    Json.text(plugin, "description"));
        }
        print(table, "There are no plugins.");
    }

    static String kinds(Object plugin) {
        return String.join(
                ", ", Json.list(plugin, "kinds").stream().map(String::valueOf).toList());
    }

    /** Return the state of the version that serves, or would. */
    static String state(Object plugin) {
        if (Boolean.FALSE.equals(Json.at(plugin, "enabled"))) {
            return "disabled";
        }
        String active = Json.text(plugin, "active");
        return Json.list(plugin, "versions").stream()
                .filter(version -> Json.text(version, "version").equals(active))
                .map(version -> Json.text(version, "state"))
                .findFirst()
                .orElse("");
    }
}
