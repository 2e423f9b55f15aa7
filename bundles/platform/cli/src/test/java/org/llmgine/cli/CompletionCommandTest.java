package org.llmgine.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the shells make of the completion; they are asked as Tab asks them. */
@Timeout(30)
class CompletionCommandTest {
    @TempDir
    Path folder;

    @Test
    void bashCompletesCommandsAndOptions() throws Exception {
        String ask = """
            source "$1"
            sorted() { printf '%s\\n' "${COMPREPLY[@]}" | sort | xargs; }
            COMP_WORDS=(./llmgine se); COMP_CWORD=1; _complete_llmgine; sorted
            COMP_WORDS=(./llmgine sessions d); COMP_CWORD=2; _complete_llmgine; sorted
            COMP_WORDS=(./llmgine chat --c); COMP_CWORD=2; _complete_llmgine; sorted
            COMP_WORDS=(./llmgine st); COMP_CWORD=1; _complete_llmgine; sorted
            COMP_WORDS=(./llmgine logs --level ""); COMP_CWORD=3; _complete_llmgine; sorted
            complete -p llmgine
            """;

        assertThat(asked("bash", ask).lines().toList())
                .startsWith("sessions", "delete", "--cacert --continue", "status stop", "DEBUG ERROR INFO TRACE WARN")
                .last()
                .asString()
                .contains("_complete_llmgine");
    }

    @Test
    void zshTakesItToo() throws Exception {
        // The whole test command installs it; a build of this module alone goes without.
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/zsh")) || Files.isExecutable(Path.of("/bin/zsh")));
        String ask = """
            source "$1" || exit 1
            (( $+functions[_complete_llmgine] )) && print function
            print "${_comps[llmgine]:-none}"
            """;

        assertThat(asked("zsh", ask)).contains("function").doesNotContain("none");
    }

    @Test
    void onlyTheseShellsAreKnown() {
        Console console = new Console();

        assertThat(console.run("completion", "fish")).isEqualTo(2);

        assertThat(console.err()).contains("bash").contains("zsh");
    }

    private String asked(String shell, String script) throws IOException, InterruptedException {
        Console console = new Console().with("LLMGINE_SCRIPT_COMMANDS", "run stop status logs");
        assertThat(console.run("completion", shell)).isZero();
        Path file = Files.writeString(folder.resolve("completion"), console.out());
        Process process = new ProcessBuilder(shell, "-c", script, shell, file.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD) // outside of a terminal compopt complains
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
