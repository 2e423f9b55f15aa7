package org.llmgine.shell.internal;

import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.bus.EventReader;
import org.llmgine.bus.EventSelection;
import org.llmgine.bus.ShownEvent;
import org.llmgine.core.command.FollowEvents;

/** Shows what the host's parts tell each other. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "events",
        description = "Show the events on the host's bus as they happen, until Ctrl-C.",
        detailedDescription = "For operators. A reader that is too slow loses events; it never slows the host.")
public final class EventsCommand extends HostCommand {
    @Option(
            name = "-t",
            aliases = "--topic",
            description = "Only events of this type, to be given again for each further one; * stands for any segment.",
            multiValued = true)
    List<String> topics = List.of();

    @Option(name = "-s", aliases = "--session", description = "Only events of this session.")
    String session = "";

    @Option(name = "-p", aliases = "--principal", description = "Only events that this one caused.")
    String who = "";

    @Override
    void run(Principal principal) {
        try (EventReader events =
                commands.execute(new FollowEvents(principal, new EventSelection(topics, session, who)))) {
            while (true) {
                switch (events.next()) {
                    case ShownEvent.Told told -> show(told);
                    case ShownEvent.Lost lost ->
                        out.println(lost.count() + (lost.count() == 1 ? " event" : " events") + " lost.");
                }
                if (out.checkError()) {
                    return; // nobody reads on
                }
            }
        } catch (LlmgineException e) {
            // Ctrl-C interrupts this thread, and so ends it well.
            if (!e.code().equals(ErrorCode.CANCELLED)) {
                throw e;
            }
        }
    }

    private void show(ShownEvent.Told event) {
        out.println((event.sent() + " " + event.type() + " " + event.principal() + " " + event.session()).strip());
        out.println("    " + (event.problem().isEmpty() ? event.payload() : event.problem()));
    }
}
