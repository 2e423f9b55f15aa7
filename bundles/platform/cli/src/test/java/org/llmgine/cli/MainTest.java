package org.llmgine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class MainTest {
    private final Console console = new Console();

    @Test
    void helpHasExamples() {
        assertThat(console.run("chat", "--help")).isZero();

        assertThat(console.out())
                .contains("Usage: llmgine chat")
                .contains("Examples:")
                .contains("git diff |");
        assertThat(console.err()).isEmpty();
    }

    @Test
    void theVersionIsTheBuilds() {
        assertThat(console.run("--version")).isZero();

        assertThat(console.out()).matches("LLMgine \\d+\\.\\d+\\.\\d+.*\\R");
    }

    @Test
    void wrongUsageIsTwoLines() {
        assertThat(console.run("chat", "--nonsense", "hello")).isEqualTo(2);

        assertThat(console.err().lines())
                .containsExactly("llmgine: There is no option --nonsense.", "Try: llmgine chat --help");
    }

    @Test
    void wrongArgumentsAreToldInSentences() {
        Map<String, String> sentences = Map.of(
                "logs --limit abc",
                "--limit must be a whole number, not \"abc\".",
                "logs --level loud",
                "--level must be one of ERROR, WARN, INFO, DEBUG, TRACE, not \"loud\".",
                "completion fish",
                "SHELL must be one of bash, zsh, not \"fish\".",
                "models one two",
                "There is nothing that \"one\" could mean here.",
                "logs --limit",
                "--limit needs a value: N.",
                "sessions show",
                "ID is missing.",
                "models --json=x",
                "--json takes no value.",
                "models --url a --url b",
                "--url may be given only once.");
        sentences.forEach((words, sentence) -> {
            Console fresh = new Console();

            assertThat(fresh.run(words.split(" "))).isEqualTo(2);

            assertThat(fresh.err().lines()).first().isEqualTo("llmgine: " + sentence);
        });
    }

    @Test
    void aMistypedCommandGetsASuggestion() {
        assertThat(console.run("chatt", "hello")).isEqualTo(2);

        assertThat(console.err()).contains("Did you mean: llmgine chat");
    }

    @Test
    void nothingToAskIsWrongUsage() {
        assertThat(console.run("chat", "--json")).isEqualTo(2);
        assertThat(console.err()).contains("There is nothing to ask");

        assertThat(new Console().pipe(" \n").run("chat")).isEqualTo(2);
    }

    @Test
    void anAddressMustBeOne() {
        for (String address : new String[] {"ftp://host", "localhost:8181", "http://", "http://a b"}) {
            Console fresh = new Console();

            assertThat(fresh.run("chat", "--url", address, "hello")).isEqualTo(2);
            assertThat(fresh.err()).contains("\"" + address + "\" is no host's address");
        }
    }

    @Test
    void withoutACommandTheUsageIsShown() {
        assertThat(console.run()).isEqualTo(2);

        assertThat(console.err()).contains("Usage: llmgine").contains("chat");
    }

    @Test
    void theProcessHasATerminal() {
        Io terminal = Io.ofProcess();

        assertThat(terminal.environment()).isEqualTo(System.getenv());
        assertThat(terminal.interactive().getAsBoolean()).isFalse();
    }
}
