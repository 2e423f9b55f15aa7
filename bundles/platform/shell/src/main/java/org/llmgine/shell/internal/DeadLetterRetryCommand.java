package org.llmgine.shell.internal;

import java.util.List;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.bus.DeadLetters;
import org.llmgine.core.command.RetryDeadLetter;
import org.llmgine.core.command.RetryDeadLetters;

/** Sends messages that the bus gave up again. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "dead-letter-retry",
        description = "Send messages that were given up again.",
        detailedDescription = "For operators. Those that succeed are dead letters no more.")
public final class DeadLetterRetryCommand extends HostCommand {
    @Option(name = "-t", aliases = "--type", description = "All messages of this type.")
    @Completion(DeadTypeCompleter.class)
    String type = "";

    @Option(name = "-a", aliases = "--all", description = "All messages.")
    boolean all;

    @Argument(name = "id", description = "The letter's id, as llmgine:dead-letters shows it.")
    @Completion(DeadLetterCompleter.class)
    String id = "";

    @Override
    void run(Principal principal) {
        DeadLetterCompleter.checkChoice(id, type, all);
        List<DeadLetters.Retried> retried = id.isEmpty()
                ? commands.execute(new RetryDeadLetters(principal, type))
                : List.of(commands.execute(new RetryDeadLetter(principal, id)));
        if (retried.isEmpty()) {
            out.println("There are no such dead letters.");
        }
        for (DeadLetters.Retried one : retried) {
            out.println(one.succeeded() ? one.id() + " succeeded." : one.id() + " failed: " + one.error());
        }
    }
}
