package org.llmgine.shell.internal;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.security.auth.Subject;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.console.CommandLine;
import org.apache.karaf.shell.api.console.Completer;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.support.completers.StringsCompleter;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.core.Commands;

/** Shares what every completer does: it offers names that the host tells the session's user. */
@SuppressWarnings("NullAway.Init") // the shell sets the references
abstract class HostCompleter implements Completer {
    @Reference
    Commands commands;

    Supplier<@Nullable Subject> subject = Caller::currentSubject;

    @Override
    public final int complete(Session session, CommandLine commandLine, List<String> candidates) {
        try {
            List<String> names = names(Caller.of(subject.get())).toList();
            return new StringsCompleter(names).complete(session, commandLine, candidates);
        } catch (LlmgineException e) {
            return -1; // the command itself says why
        }
    }

    /** List the names. */
    abstract Stream<String> names(Principal principal);
}
