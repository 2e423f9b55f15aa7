package org.llmgine.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Is a command that asks the host for something and shows it as a table, or as the JSON that the host gave. */
abstract class HostCommand implements Callable<Integer> {
    static final String EXIT_CODES =
            "Exit codes: 0 done, 1 the host's error, 2 wrong usage, 69 no host answers, 77 no valid key.";

    final Io io;

    @Mixin
    final HostOptions options = new HostOptions();

    @Option(names = "--json", description = "Print the host's JSON.")
    boolean json;

    HostCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() throws HostException {
        run(options.host(io));
        return ExitCode.OK;
    }

    abstract void run(Host host) throws HostException;

    /** Print the host's answer as it is when that is wanted, else return it read. */
    final @Nullable Object readOrPrint(String answer) {
        if (json) {
            io.print(answer);
            return null;
        }
        return Json.read(answer);
    }

    final void print(Table table, String otherwise) {
        if (table.isEmpty()) {
            io.err().println(otherwise);
        } else {
            print(table.lines(io.width()));
        }
    }

    final void print(List<String> lines) {
        lines.forEach(io.out()::println);
        io.out().flush();
    }
}
