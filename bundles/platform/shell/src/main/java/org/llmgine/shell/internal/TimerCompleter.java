package org.llmgine.shell.internal;

import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.Timers;
import org.llmgine.core.command.ListTimers;

/** Completes the name or the id of a timer. */
@Service
public final class TimerCompleter extends HostCompleter {
    @Override
    Stream<String> names(Principal principal) {
        return commands.execute(new ListTimers(principal, "", Timers.MOST)).stream()
                .map(timer -> timer.name().isEmpty() ? timer.id() : timer.name());
    }
}
