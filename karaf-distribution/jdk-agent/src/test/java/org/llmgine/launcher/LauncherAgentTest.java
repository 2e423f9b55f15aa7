package org.llmgine.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LauncherAgentTest {
    @TempDir
    private Path folder;

    @Test
    void givesKarafTheSubjectAndAnOrderlyStopOnEverySignal() throws Exception {
        Process guest = guest("", Map.of()).start();

        assertThat(guest.inputReader().lines().toList())
                .containsExactly(
                        "outside nobody",
                        "doAs alice",
                        "checked doAs alice",
                        "nested bob in alice",
                        "nobody nobody",
                        "thread alice",
                        "called as bob",
                        "unchecked java.lang.IllegalStateException: boom",
                        "wrapper java.util.concurrent.CompletionException: its own",
                        "checked wrapped java.io.IOException: disk",
                        "error java.lang.StackOverflowError: deep",
                        "unseen UndeclaredThrowableException of java.io.IOException: unseen",
                        "after nobody",
                        onSignal("INT", 2),
                        onSignal("HUP", 1));
        assertThat(guest.errorReader().lines().toList()).isEmpty();
        assertThat(guest.waitFor()).isZero();
    }

    @Test
    void endsTheJvmWithOneLineAboutABadSetting() throws Exception {
        Process guest =
                guest("=check-settings", Map.of("LLMGINE_HTTP_PORT", "99999")).start();

        assertThat(guest.errorReader().lines().toList())
                .containsExactly("LLMGINE_HTTP_PORT=99999 is no port; allowed is 1 to 65535.");
        assertThat(guest.inputReader().lines().toList()).isEmpty();
        assertThat(guest.waitFor()).isEqualTo(78);
    }

    @Test
    void letsGoodSettingsPass() throws Exception {
        String port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            port = Integer.toString(free.getLocalPort());
        }
        Process guest = guest("=check-settings", Map.of("LLMGINE_HTTP_PORT", port, "LLMGINE_SSH_PORT", "0"))
                .start();

        assertThat(guest.inputReader().lines().toList()).contains("doAs alice");
        assertThat(guest.waitFor()).isZero();
        assertThat(folder.resolve("data")).isDirectory();
    }

    /** Say how a guest ends on a signal, which it ignores if this process was told to: jobs in the background often are. */
    private static String onSignal(String name, int number) throws IOException {
        Path status = Path.of("/proc/self/status");
        long ignored = !Files.exists(status)
                ? 0
                : Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("SigIgn:"))
                        .mapToLong(line -> Long.parseUnsignedLong(
                                line.substring(line.indexOf(':') + 1).strip(), 16))
                        .sum();
        return name + ((ignored >> (number - 1) & 1) == 0 ? " terminates" : " is ignored");
    }

    private ProcessBuilder guest(String argument, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = ChildJvm.builder(List.of(
                        "-javaagent:" + ChildJvm.agent(folder) + argument,
                        "-Dkaraf.data=" + folder.resolve("data"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Guest.class.getName())
                .toArray(String[]::new));
        builder.environment().putAll(environment);
        return builder;
    }
}
