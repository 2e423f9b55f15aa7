package org.llmgine.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists the timers, and has a command for each thing that can be done with one. */
@Command(
        name = "timers",
        description = "List, show and cancel timers, for operators; without a command, list them.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  llmgine timers",
            "  llmgine timers show nightly-report",
            "  llmgine timers cancel nightly-report",
            "",
            HostCommand.EXIT_CODES
        })
final class TimersCommand extends ListTimersCommand {
    TimersCommand(Io io) {
        super(io);
    }

    /** Shows one. */
    @Command(
            name = "show",
            description = "Show a timer.",
            footerHeading = "%nExample:%n",
            footer = {"  llmgine timers show nightly-report", "", HostCommand.EXIT_CODES})
    static final class Show extends HostCommand {
        @Parameters(paramLabel = "TIMER", description = "The timer's name or id, as the list shows it.")
        String timer = "";

        Show(Io io) {
            super(io);
        }

        @Override
        void run(Host host) throws HostException {
            Object found = readOrPrint(host.get("/api/timers/" + Host.segment(timer)));
            if (found != null) {
                print(Fields.lines(found));
            }
        }
    }

    /** Ends one. */
    @Command(
            name = "cancel",
            description = "End a timer; a run that is under way goes on to its end.",
            footerHeading = "%nExample:%n",
            footer = {"  llmgine timers cancel nightly-report", "", HostCommand.EXIT_CODES})
    static final class Cancel extends HostCommand {
        @Parameters(paramLabel = "TIMER", description = "The timer's name or id, as the list shows it.")
        String timer = "";

        Cancel(Io io) {
            super(io);
        }

        @Override
        void run(Host host) throws HostException {
            Object gone = readOrPrint(host.delete("/api/timers/" + Host.segment(timer)));
            if (gone != null) {
                io.print(Text.line("Cancelled " + timer + ", " + Json.text(gone, "type") + "."));
            }
        }
    }
}
