package org.llmgine.shell.internal;

import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.LlmginePlugin;

/** Lists the tools. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "tools",
        description = "List the tools that engines can call.",
        detailedDescription = "Approvals, arguments and descriptions are told by GET /api/tools.")
public final class ToolsCommand extends InstancesCommand {
    /** Make the command; the shell does it for every call. */
    public ToolsCommand() {
        super(LlmginePlugin.TOOL);
    }
}
