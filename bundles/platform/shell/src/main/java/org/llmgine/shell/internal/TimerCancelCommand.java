package org.llmgine.shell.internal;

import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.TimerEntry;
import org.llmgine.core.command.CancelTimer;

/** Ends a timer. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "timer-cancel",
        description = "End a timer.",
        detailedDescription = "For operators. A run that is under way goes on to its end.")
public final class TimerCancelCommand extends HostCommand {
    @Argument(name = "timer", description = "The timer's name or id, as llmgine:timers shows it.", required = true)
    @Completion(TimerCompleter.class)
    String timer = "";

    @Override
    void run(Principal principal) {
        TimerEntry gone = commands.execute(new CancelTimer(principal, timer));
        out.println("Cancelled " + timer + ", " + gone.type() + ".");
    }
}
