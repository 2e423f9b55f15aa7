package org.llmgine.shell.internal;

import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.core.command.ListModels;
import org.llmgine.core.command.ModelEntry;

/** Completes the name of a model. */
@Service
public final class ModelCompleter extends HostCompleter {
    @Override
    Stream<String> names(Principal principal) {
        return commands.execute(new ListModels(principal)).stream().map(ModelEntry::id);
    }
}
