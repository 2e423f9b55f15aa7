package org.llmgine.shell.internal;

import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.LlmginePlugin;

/** Lists the providers. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "providers",
        description = "List the providers, the connections to model back-ends.",
        detailedDescription = "Their models are listed by llmgine:models.")
public final class ProvidersCommand extends InstancesCommand {
    /** Make the command; the shell does it for every call. */
    public ProvidersCommand() {
        super(LlmginePlugin.PROVIDER);
    }
}
