package org.llmgine.shell.internal;

import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.plugins.ListPlugins;
import org.llmgine.plugins.PluginEntry;

/** Completes the id of a plugin. */
@Service
public final class PluginCompleter extends HostCompleter {
    @Override
    Stream<String> names(Principal principal) {
        return commands.execute(new ListPlugins(principal)).stream().map(PluginEntry::id);
    }
}
