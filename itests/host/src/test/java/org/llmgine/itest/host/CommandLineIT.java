package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The command line as people use it: in a terminal that tmux plays, and in pipes. */
@ExtendWith(SharedHost.class)
final class CommandLineIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Host host;

    @TempDir
    Path state;

    CommandLineIT(Host host) {
        this.host = host;
    }

    @Test
    void aConversationInATerminal() throws Exception {
        for (int columns : new int[] {80, 40}) {
            try (Screen screen = new Screen(columns, "chat -e tool-chat -m offline/demo")) {
                screen.awaits("Ctrl-D leaves.");
                screen.type("What is 17*23?", "Enter");
                screen.awaits("✓ calculator");
                screen.awaits("17*23 = 391");
                screen.awaits("offline/demo, ");
                screen.type("/usage", "Enter");
                screen.awaits("total tokens");
                screen.type("/eng", "Tab", "sin", "Tab", "Enter");
                screen.awaits("from engine single-pass.");
                screen.type("Count to 9000.", "Enter");
                screen.awaits("1 2 3", "300 301", "600 601", "900 901");
                screen.type("C-c");
                screen.awaits("Stopped. >");
                screen.type("C-c");
                screen.awaits("/quit to leave.");
                screen.type("C-d");
                screen.awaits("ended with 0");
                assertThat(screen.text()).doesNotContain("WARNING");
            }
        }
    }

    @Test
    void aPipeGetsTheAnswerAndNothingElse() throws Exception {
        Run run = run("printf 'What is 17*23?' | llmgine chat -e tool-chat -m offline/demo");

        assertThat(run.code()).isZero();
        assertThat(run.out()).isEqualTo("17*23 = 391 (calculated by the tool calculator)\n");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void aReaderThatLeavesIsNoError() throws Exception {
        Run run = run("llmgine chat -m offline/demo 'Tell me about this host.' | head -c 3; exit ${PIPESTATUS[0]}");

        assertThat(run.code()).isZero();
        assertThat(run.out()).hasSize(3);
        assertThat(run.err()).isEmpty();
    }

    @Test
    void failuresHaveTheirExitCodesAndOneSentence() throws Exception {
        Run unknown = run("llmgine chat -m nope hi");
        assertThat(unknown.code()).isEqualTo(1);
        assertThat(unknown.out()).isEmpty();
        assertThat(unknown.err())
                .startsWith("llmgine: There is no model 'nope'.")
                .hasLineCount(1);

        assertThat(run("llmgine models --nonsense").code()).isEqualTo(2);
        assertThat(run("LLMGINE_URL=http://127.0.0.1:1 llmgine models").code()).isEqualTo(69);
        assertThat(run("LLMGINE_KEY=no-such-key-0123456789 llmgine models").code())
                .isEqualTo(77);
        assertThat(run("timeout -s INT 2 llmgine logs --follow").code()).isIn(124, 130);
    }

    @Test
    void whatTheHostHasIsListed() throws Exception {
        for (String command : List.of("models", "engines", "providers", "tools", "keys", "sessions", "logs")) {
            Run table = run("llmgine " + command);
            assertThat(table.code()).as(command + ": " + table.err()).isZero();

            Run json = run("llmgine " + command + " --json");
            assertThat(json.code()).isZero();
            assertThat(Api.parse(json.out()).isObject()).as(json.out()).isTrue();
        }
        assertThat(run("llmgine tools").out()).contains("calculator");
        assertThat(run("llmgine sessions rename nope x").err()).startsWith("llmgine: There is no session 'nope'");
    }

    /** Above all {@code stop --help} stops nothing. */
    @Test
    void theScriptExplainsItsCommandsAndDoesNothingElse() throws Exception {
        for (String command : List.of("run", "stop", "status", "new", "dev", "logs", "help")) {
            for (String option : List.of("-h", "--help")) {
                Run help = run("llmgine " + command + " " + option);
                assertThat(help.code()).as(help.err()).isZero();
                assertThat(help.out()).contains("llmgine " + command);
            }
        }
        assertThat(run("llmgine stop now").code()).isEqualTo(64);
        assertThat(run("llmgine status now").code()).isEqualTo(64);
        assertThat(run("llmgine models").code()).isZero();
    }

    /** What a command left behind. */
    private record Run(int code, String out, String err) {}

    private Run run(String script) throws IOException, InterruptedException {
        Path out = state.resolve("out");
        Path err = state.resolve("err");
        ProcessBuilder builder =
                new ProcessBuilder("bash", "-c", "llmgine() { \"$LLMGINE\" \"$@\"; }; " + exported(script));
        environment().forEach(variable -> {
            String[] parts = variable.split("=", 2);
            builder.environment().put(parts[0], parts[1]);
        });
        int code = builder.redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start()
                .waitFor();
        return new Run(
                code, Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }

    /** A function can't be called by other programs. */
    private static String exported(String script) {
        return script.replace("timeout -s INT 2 llmgine", "timeout -s INT 2 \"$LLMGINE\"");
    }

    private List<String> environment() {
        return List.of(
                "LLMGINE=" + host.home().resolve("bin/llmgine"),
                "LLMGINE_DATA=" + host.data(),
                "LLMGINE_HTTP_PORT=" + host.httpPort(),
                "LLMGINE_KEY=" + Host.ADMIN_KEY,
                "LLMGINE_URL=" + host.uri(),
                "JAVA_HOME=" + System.getProperty("java.home"),
                "XDG_STATE_HOME=" + state,
                "LC_ALL=C.UTF-8");
    }

    /** A terminal of tmux with one command in it. */
    private final class Screen implements AutoCloseable {
        private final String socket;

        private Screen(int columns, String arguments) throws IOException, InterruptedException {
            socket = "llmgine-" + ProcessHandle.current().pid() + "-" + columns;
            List<String> command =
                    new ArrayList<>(List.of("new-session", "-d", "-x", Integer.toString(columns), "-y", "50", "env"));
            command.addAll(environment());
            command.addAll(List.of(
                    "sh", "-c", "trap : INT; \"$LLMGINE\" " + arguments + "; echo \"ended with $?\"; exec sleep 1000"));
            tmux(command);
        }

        private void type(String... keys) throws IOException, InterruptedException {
            for (String key : keys) {
                tmux(List.of("send-keys", "-t", "0", key));
            }
        }

        /** Wait until the screen shows one of these texts, wherever its lines are broken. */
        private void awaits(String... anyOf) {
            Until.holds(
                    LIMIT,
                    () -> "none of " + Arrays.toString(anyOf) + " on the screen:\n" + text(),
                    () -> Arrays.stream(anyOf).anyMatch(text().replaceAll("\\s+", " ")::contains));
        }

        private String text() {
            try {
                return tmux(List.of("capture-pane", "-p", "-t", "0"));
            } catch (IOException e) {
                return e.toString();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return "";
            }
        }

        private String tmux(List<String> arguments) throws IOException, InterruptedException {
            List<String> command = new ArrayList<>(List.of("tmux", "-u", "-L", socket, "-f", "/dev/null"));
            command.addAll(arguments);
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException(output);
            }
            return output;
        }

        @Override
        public void close() throws IOException, InterruptedException {
            tmux(List.of("kill-server"));
        }
    }
}
