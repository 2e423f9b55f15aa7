package org.llmgine.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Starts the command line. */
@Command(
        name = "llmgine",
        description = "Talk to a running LLMgine host.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "'llmgine COMMAND --help' explains a command, with examples."})
public final class Main {
    private static final Map<String, Function<Io, Object>> COMMANDS = new LinkedHashMap<>();

    static {
        COMMANDS.put("chat", ChatCommand::new);
        COMMANDS.put("sessions", SessionsCommand::new);
        COMMANDS.put("approvals", ApprovalsCommand::new);
        COMMANDS.put("models", ModelsCommand::new);
        COMMANDS.put("engines", EnginesCommand::new);
        COMMANDS.put("providers", ProvidersCommand::new);
        COMMANDS.put("tools", ToolsCommand::new);
        COMMANDS.put("plugins", PluginsCommand::new);
        COMMANDS.put("config", ConfigCommand::new);
        COMMANDS.put("keys", KeysCommand::new);
        COMMANDS.put("logs", LogsCommand::new);
        COMMANDS.put("events", EventsCommand::new);
        COMMANDS.put("dead-letters", DeadLettersCommand::new);
        COMMANDS.put("timers", TimersCommand::new);
        COMMANDS.put("audit", AuditCommand::new);
        COMMANDS.put("backup", BackupCommand::new);
        COMMANDS.put("restore", RestoreCommand::new);
        COMMANDS.put("completion", CompletionCommand::new);
    }

    private Main() {}

    /** Run a command and exit with its code. */
    public static void main(String[] args) {
        System.exit(run(Io.ofProcess(), args));
    }

    /** Run a command and return its exit code, see {@link ExitCode}. */
    static int run(Io io, String... args) {
        // Only the command that is meant: reading the annotations of all of them takes longer than most calls.
        CommandLine line = args.length > 0 && COMMANDS.containsKey(args[0]) ? only(args[0], io) : whole(io);
        line.setOut(new PrintWriter(io.out(), true));
        line.setErr(new PrintWriter(io.err(), true));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setUsageHelpWidth(Math.clamp(io.width(), 55, 100));
        line.setParameterExceptionHandler((failure, arguments) -> {
            CommandLine command = failure.getCommandLine();
            io.err().println("llmgine: " + sentence(failure));
            UnmatchedArgumentException.printSuggestions(failure, command.getErr());
            io.err().println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
            return ExitCode.USAGE;
        });
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof HostException known) {
                io.err().println("llmgine: " + Text.plain(String.valueOf(known.getMessage())));
                return known.exitCode();
            }
            throw failure;
        });
        if (args.length == 0) {
            line.usage(io.err());
            return ExitCode.USAGE;
        }
        return line.execute(args);
    }

    private static String sentence(ParameterException failure) {
        if (failure instanceof UnmatchedArgumentException unmatched) {
            String first = unmatched.getUnmatched().getFirst();
            return unmatched.isUnknownOption()
                    ? "There is no option " + first + "."
                    : "There is nothing that \"" + first + "\" could mean here.";
        }
        if (failure instanceof MissingParameterException missing
                && !missing.getMissing().isEmpty()) {
            ArgSpec first = missing.getMissing().getFirst();
            return first.isOption()
                    ? name(first) + " needs a value: " + first.paramLabel() + "."
                    : name(first) + " is missing.";
        }
        if (failure instanceof OverwrittenOptionException twice) {
            return name(twice.getOverwritten()) + " may be given only once.";
        }
        ArgSpec argument = failure.getArgSpec();
        if (argument == null || failure.getValue() == null) {
            return String.valueOf(failure.getMessage());
        }
        if (argument.arity().max() == 0) {
            return name(argument) + " takes no value.";
        }
        String kind = argument.completionCandidates() == null
                ? "a whole number"
                : "one of " + String.join(", ", argument.completionCandidates());
        return name(argument) + " must be " + kind + ", not \"" + failure.getValue() + "\".";
    }

    private static String name(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }

    /** Make the command line with all its commands. */
    static CommandLine whole(Io io) {
        CommandLine line = new CommandLine(new Main());
        COMMANDS.keySet().forEach(name -> add(line, name, io));
        return line;
    }

    private static CommandLine only(String name, Io io) {
        CommandLine line = new CommandLine(new Main());
        add(line, name, io);
        return line;
    }

    private static void add(CommandLine line, String name, Io io) {
        CommandLine command =
                new CommandLine(Objects.requireNonNull(COMMANDS.get(name)).apply(io));
        switch (name) {
            case "sessions" ->
                command.addSubcommand(new ListSessionsCommand(io))
                        .addSubcommand(new SessionsCommand.Show(io))
                        .addSubcommand(new SessionsCommand.Rename(io))
                        .addSubcommand(new SessionsCommand.Delete(io));
            case "approvals" ->
                command.addSubcommand(new ListApprovalsCommand(io))
                        .addSubcommand(new ApprovalsCommand.Show(io))
                        .addSubcommand(new ApprovalsCommand.Approve(io))
                        .addSubcommand(new ApprovalsCommand.Deny(io));
            case "plugins" ->
                command.addSubcommand(new ListPluginsCommand(io))
                        .addSubcommand(new PluginsCommand.Show(io))
                        .addSubcommand(new PluginsCommand.Catalogue(io))
                        .addSubcommand(new PluginsCommand.Install(io))
                        .addSubcommand(new PluginsCommand.Rollback(io))
                        .addSubcommand(new PluginsCommand.Disable(io))
                        .addSubcommand(new PluginsCommand.Enable(io))
                        .addSubcommand(new PluginsCommand.Remove(io));
            case "config" ->
                command.addSubcommand(new ListConfigCommand(io))
                        .addSubcommand(new ConfigCommand.Show(io))
                        .addSubcommand(new ConfigCommand.Set(io))
                        .addSubcommand(new ConfigCommand.Unset(io))
                        .addSubcommand(new ConfigCommand.History(io))
                        .addSubcommand(new ConfigCommand.Rollback(io));
            case "keys" ->
                command.addSubcommand(new ListKeysCommand(io))
                        .addSubcommand(new KeysCommand.Create(io))
                        .addSubcommand(new KeysCommand.Revoke(io));
            case "dead-letters" ->
                command.addSubcommand(new ListDeadLettersCommand(io))
                        .addSubcommand(new DeadLettersCommand.Show(io))
                        .addSubcommand(new DeadLettersCommand.Retry(io))
                        .addSubcommand(new DeadLettersCommand.Purge(io));
            case "timers" ->
                command.addSubcommand(new ListTimersCommand(io))
                        .addSubcommand(new TimersCommand.Show(io))
                        .addSubcommand(new TimersCommand.Cancel(io));
            default -> {}
        }
        command.getSubcommands().values().forEach(Main::withHelp);
        line.addSubcommand(name, withHelp(command));
    }

    private static CommandLine withHelp(CommandLine command) {
        command.getCommandSpec().mixinStandardHelpOptions(true).versionProvider(new Version());
        return command;
    }

    /** Reads the version that the build wrote. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() throws IOException {
            return new String[] {"LLMgine " + number()};
        }

        static String number() throws IOException {
            try (InputStream in = Objects.requireNonNull(Main.class.getResourceAsStream("version.txt"))) {
                return new String(in.readAllBytes(), UTF_8).strip();
            }
        }
    }
}
