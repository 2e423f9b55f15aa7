package org.llmgine.cli;

import picocli.CommandLine.Command;

/** Lists the providers. */
@Command(
        name = "providers",
        description = "List the providers, their state and their figures.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  llmgine providers",
            "  llmgine providers --json | jq -r '.items[].name'",
            "",
            HostCommand.EXIT_CODES
        })
final class ProvidersCommand extends InstancesCommand {
    ProvidersCommand(Io io) {
        super(io, "providers");
    }
}
