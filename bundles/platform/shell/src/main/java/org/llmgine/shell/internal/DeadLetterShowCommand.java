package org.llmgine.shell.internal;

import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.bus.DeadLetter;
import org.llmgine.bus.StoredMessage;
import org.llmgine.core.command.GetDeadLetter;

/** Shows a message that the bus gave up. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "dead-letter-show",
        description = "Show a message that was given up, with its content.",
        detailedDescription = "For operators.")
public final class DeadLetterShowCommand extends HostCommand {
    @Argument(name = "id", description = "The letter's id, as llmgine:dead-letters shows it.", required = true)
    @Completion(DeadLetterCompleter.class)
    String id = "";

    @Override
    void run(Principal principal) {
        DeadLetter letter = commands.execute(new GetDeadLetter(principal, id));
        StoredMessage message = letter.message();
        field("Type", message.kind() + " " + message.type() + ", version " + message.version());
        field("Bundle", message.bundle());
        field("Listener", letter.listener());
        field("Session", message.session());
        field("From", message.principal().name());
        field("Tried", letter.attempts() + "x, last at " + letter.last());
        field("Error", letter.errorCode() + ": " + letter.error());
        field("Content", message.payload());
    }
}
