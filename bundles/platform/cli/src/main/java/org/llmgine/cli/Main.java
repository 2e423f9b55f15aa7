package org.llmgine.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.UnmatchedArgumentException;

/** Starts the command line. */
@Command(
        name = "llmgine",
        description = "Talk to a running LLMgine host.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND")
public final class Main {
    private Main() {}

    /** Run a command and exit with its code. */
    public static void main(String[] args) {
        System.exit(run(Terminal.ofProcess(), args));
    }

    /** Run a command and return its exit code, see {@link ExitCode}. */
    static int run(Terminal terminal, String... args) {
        CommandLine line = new CommandLine(new Main());
        line.addSubcommand(new ChatCommand(terminal));
        for (CommandLine command : line.getSubcommands().values()) {
            command.getCommandSpec().mixinStandardHelpOptions(true).versionProvider(new Version());
        }
        line.setOut(new PrintWriter(terminal.out(), true));
        line.setErr(new PrintWriter(terminal.err(), true));
        line.setParameterExceptionHandler((failure, arguments) -> {
            CommandLine command = failure.getCommandLine();
            terminal.err().println("llmgine: " + failure.getMessage());
            UnmatchedArgumentException.printSuggestions(failure, command.getErr());
            terminal.err().println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
            return ExitCode.USAGE;
        });
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof HostException known) {
                terminal.err().println("llmgine: " + known.getMessage());
                return known.exitCode();
            }
            throw failure;
        });
        if (args.length == 0) {
            line.usage(terminal.err());
            return ExitCode.USAGE;
        }
        return line.execute(args);
    }

    /** Reads the version that the build wrote. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() throws IOException {
            try (InputStream in = Objects.requireNonNull(Main.class.getResourceAsStream("version.txt"))) {
                return new String[] {"LLMgine " + new String(in.readAllBytes(), UTF_8).strip()};
            }
        }
    }
}
