package org.llmgine.shell.internal;

import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.TimerEntry;
import org.llmgine.api.bus.Timers;
import org.llmgine.core.command.ListTimers;
import org.llmgine.shell.internal.Table.Kind;

/** Lists the timers. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "timers",
        description = "List the timers.",
        detailedDescription = "For operators. llmgine:timer-cancel ends one.")
public final class TimersCommand extends TableCommand {
    @Option(name = "-n", aliases = "--limit", description = "How many at most, 1 to " + Timers.MOST + ".")
    int limit = 50;

    @Override
    void run(Principal principal) {
        Table table = new Table("There is no timer.")
                .column("Timer", Kind.NAME)
                .column("Type", Kind.TEXT)
                .column("Next", Kind.DETAIL)
                .column("State", Kind.NAME)
                .column("Schedule", Kind.TEXT);
        for (TimerEntry timer : commands.execute(new ListTimers(principal, "", Math.clamp(limit, 1, Timers.MOST)))) {
            table.row(
                    timer.name().isEmpty() ? timer.id() : timer.name(),
                    timer.type(),
                    timer.next().truncatedTo(ChronoUnit.SECONDS),
                    timer.state().name().toLowerCase(Locale.ROOT),
                    timer.schedule());
        }
        print(table);
    }
}
