package org.llmgine.shell.internal;

import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.LlmginePlugin;

/** Lists the engines. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "engines",
        description = "List the engines.",
        detailedDescription = "An engine is asked as llmgine:chat -m engine/NAME.")
public final class EnginesCommand extends InstancesCommand {
    /** Make the command; the shell does it for every call. */
    public EnginesCommand() {
        super(LlmginePlugin.ENGINE);
    }
}
