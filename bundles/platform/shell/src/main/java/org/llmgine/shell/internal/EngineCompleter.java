package org.llmgine.shell.internal;

import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.Principal;
import org.llmgine.core.command.InstanceEntry;
import org.llmgine.core.command.ListInstances;

/** Completes the name of an engine. */
@Service
public final class EngineCompleter extends HostCompleter {
    @Override
    Stream<String> names(Principal principal) {
        return commands.execute(new ListInstances(principal, LlmginePlugin.ENGINE)).stream()
                .map(InstanceEntry::name);
    }
}
