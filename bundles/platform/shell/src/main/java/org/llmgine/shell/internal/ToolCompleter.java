package org.llmgine.shell.internal;

import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.Principal;
import org.llmgine.api.tool.ToolSpec;
import org.llmgine.core.command.ListInstances;

/** Completes the name of a tool. */
@Service
public final class ToolCompleter extends HostCompleter {
    @Override
    Stream<String> names(Principal principal) {
        return commands.execute(new ListInstances(principal, LlmginePlugin.TOOL)).stream()
                .flatMap(instance -> instance.tool().stream())
                .map(ToolSpec::name);
    }
}
