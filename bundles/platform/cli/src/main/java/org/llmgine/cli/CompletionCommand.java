package org.llmgine.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;

/** Prints what makes a shell complete our commands. */
@Command(
        name = "completion",
        description = "Print what makes bash or zsh complete commands and options.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  source <(llmgine completion bash)",
            "  llmgine completion bash > ~/.local/share/bash-completion/completions/llmgine",
            "  source <(llmgine completion zsh)"
        })
final class CompletionCommand implements Callable<Integer> {
    /** The shells. */
    enum Shell {
        bash,
        zsh
    }

    private final Io io;

    @Parameters(paramLabel = "SHELL", description = "bash or zsh")
    Shell shell = Shell.bash;

    CompletionCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() {
        CommandLine whole = Main.whole(io);
        // The script has commands of its own.
        for (String name : io.variable("LLMGINE_SCRIPT_COMMANDS", "").split(" ")) {
            if (!name.isEmpty() && !whole.getSubcommands().containsKey(name)) {
                whole.addSubcommand(name, CommandSpec.create());
            }
        }
        io.print(AutoComplete.bash("llmgine", whole).stripTrailing());
        return ExitCode.OK;
    }
}
