package org.llmgine.cli;

import picocli.CommandLine.Command;

/** Lists the tools. */
@Command(
        name = "tools",
        description = "List the tools, their state and their figures.",
        footerHeading = "%nExamples:%n",
        footer = {"  llmgine tools", "  llmgine tools --json | jq -r '.items[].name'", "", HostCommand.EXIT_CODES})
final class ToolsCommand extends InstancesCommand {
    ToolsCommand(Io io) {
        super(io, "tools");
    }
}
