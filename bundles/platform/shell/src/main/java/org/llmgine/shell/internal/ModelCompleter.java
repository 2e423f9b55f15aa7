package org.llmgine.shell.internal;

import java.util.List;
import java.util.function.Supplier;
import javax.security.auth.Subject;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.CommandLine;
import org.apache.karaf.shell.api.console.Completer;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.support.completers.StringsCompleter;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.LlmgineException;
import org.llmgine.core.Commands;
import org.llmgine.core.command.ListModels;
import org.llmgine.core.command.ModelEntry;

/** Completes the name of a model. */
@Service
@SuppressWarnings("NullAway.Init") // the shell sets the references
public final class ModelCompleter implements Completer {
    @Reference
    Commands commands;

    Supplier<@Nullable Subject> subject = Caller::currentSubject;

    @Override
    public int complete(Session session, CommandLine commandLine, List<String> candidates) {
        try {
            List<String> names = commands.execute(new ListModels(Caller.of(subject.get()))).stream()
                    .map(ModelEntry::id)
                    .toList();
            return new StringsCompleter(names).complete(session, commandLine, candidates);
        } catch (LlmgineException e) {
            return -1; // the command itself says why
        }
    }
}
