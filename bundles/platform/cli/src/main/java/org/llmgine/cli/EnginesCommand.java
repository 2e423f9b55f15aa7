package org.llmgine.cli;

import picocli.CommandLine.Command;

/** Lists the engines. */
@Command(
        name = "engines",
        description = "List the engines, their state and their figures.",
        footerHeading = "%nExamples:%n",
        footer = {"  llmgine engines", "  llmgine engines --json | jq -r '.items[].name'", "", HostCommand.EXIT_CODES})
final class EnginesCommand extends InstancesCommand {
    EnginesCommand(Io io) {
        super(io, "engines");
    }
}
