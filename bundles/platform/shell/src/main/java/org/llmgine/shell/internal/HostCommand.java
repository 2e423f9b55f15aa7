package org.llmgine.shell.internal;

import java.io.PrintStream;
import java.util.function.Supplier;
import javax.security.auth.Subject;
import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.support.CommandException;
import org.apache.karaf.shell.support.ansi.SimpleAnsi;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.core.Commands;

/** Shares what every command does: it acts for the session's user and reports a failure as a sentence and a hint. */
@SuppressWarnings("NullAway.Init") // the shell sets the references
abstract class HostCommand implements Action {
    static final String SCOPE = "llmgine";

    @Reference
    Commands commands;

    Supplier<@Nullable Subject> subject = Caller::currentSubject;

    // The shell binds System.out to the session, or to the next command of a pipe.
    PrintStream out = System.out;

    @Override
    public final @Nullable Object execute() throws Exception {
        try {
            run(Caller.of(subject.get()));
            return null;
        } catch (LlmgineException e) {
            String hint = e.hint().map(text -> System.lineSeparator() + text).orElse("");
            throw new CommandException(
                    SimpleAnsi.COLOR_RED + e.getMessage() + SimpleAnsi.COLOR_DEFAULT + hint, e.getMessage(), e);
        }
    }

    /** Print a field of what is shown, if it has a value. */
    final void field(String name, String value) {
        if (!value.isEmpty()) {
            out.printf("%-8s %s%n", name, value);
        }
    }

    /** Do the command's work. */
    abstract void run(Principal principal) throws InterruptedException;
}
