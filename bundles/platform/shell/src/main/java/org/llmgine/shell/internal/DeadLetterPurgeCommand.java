package org.llmgine.shell.internal;

import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.bus.DeadLetter;
import org.llmgine.core.command.PurgeDeadLetter;
import org.llmgine.core.command.PurgeDeadLetters;

/** Throws messages that the bus gave up away. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "dead-letter-purge",
        description = "Throw messages that were given up away for good.",
        detailedDescription = "For operators.")
public final class DeadLetterPurgeCommand extends HostCommand {
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
        if (id.isEmpty()) {
            int purged = commands.execute(new PurgeDeadLetters(principal, type));
            out.println("Purged " + purged + (purged == 1 ? " message." : " messages."));
        } else {
            DeadLetter purged = commands.execute(new PurgeDeadLetter(principal, id));
            out.println("Purged " + purged.id() + ", " + purged.message().type() + ".");
        }
    }
}
