package org.llmgine.shell.internal;

import java.time.Instant;
import java.util.Locale;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.TimerEntry;
import org.llmgine.core.command.GetTimer;

/** Shows a timer. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "timer-show",
        description = "Show a timer.",
        detailedDescription = "For operators.")
public final class TimerShowCommand extends HostCommand {
    @Argument(name = "timer", description = "The timer's name or id, as llmgine:timers shows it.", required = true)
    @Completion(TimerCompleter.class)
    String timer = "";

    @Override
    void run(Principal principal) {
        TimerEntry found = commands.execute(new GetTimer(principal, timer));
        field("Id", found.id());
        field("Name", found.name());
        field("Sends", found.kind() + " " + found.type());
        field("Session", found.session());
        field("From", found.principal().name());
        field("Made by", found.origin());
        field("Schedule", found.schedule());
        field("State", found.state().name().toLowerCase(Locale.ROOT));
        field("Reason", found.reason());
        field("Next", found.next() + (found.attempts() == 0 ? "" : ", tried " + found.attempts() + "x"));
        field("Last", found.lastRun().map(Instant::toString).orElse(""));
        field("Error", found.lastError());
    }
}
