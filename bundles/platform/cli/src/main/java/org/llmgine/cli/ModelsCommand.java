package org.llmgine.cli;

import static java.util.stream.Collectors.joining;

import picocli.CommandLine.Command;

/** Lists what a model may be called. */
@Command(
        name = "models",
        description = "List what can be asked: models, aliases and engines.",
        footerHeading = "%nExamples:%n",
        footer = {"  llmgine models", "  llmgine models --json | jq -r '.data[].id'", "", HostCommand.EXIT_CODES})
final class ModelsCommand extends HostCommand {
    ModelsCommand(Io io) {
        super(io);
    }

    @Override
    void run(Host host) throws HostException {
        Object answer = readOrPrint(host.get("/v1/models"));
        if (answer == null) {
            return;
        }
        Table table = new Table("MODEL", "STANDS FOR", "CONTEXT", "CAN");
        for (Object model : Json.list(answer, "data")) {
            long context = Json.number(model, "context_tokens");
            table.row(
                    Json.text(model, "id"),
                    Json.text(model, "target"),
                    context == 0 ? "" : Long.toString(context),
                    Json.list(model, "capabilities").stream()
                            .map(String::valueOf)
                            .collect(joining(", ")));
        }
        print(table, "There is no model: no provider is ready.");
    }
}
