package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Karaf's own ways to put plugins in and out, in a running host. */
@ExtendWith(SharedHost.class)
final class FeaturesIT {
    @Test
    void aFeatureIsTakenOutAndPutInWhileAStreamRuns(Host host) throws Exception {
        try (Crowd<ChatStream.Answer> crowd = Crowd.of(10, () -> host.api().ask("scripted~main/paced-250-20", "go"));
                Shell shell = host.shell()) {
            shell.run("feature:uninstall llmgine-tool-clock");
            Until.holds(Duration.ofSeconds(10), () -> "clock is still there", () -> !hasTool(host, "clock"));
            shell.run("feature:install llmgine-tool-clock");
            Until.holds(Duration.ofSeconds(10), () -> "clock is not there", () -> hasTool(host, "clock"));

            assertThat(crowd.results()).allMatch(ChatStream.Answer::isWhole);
        }
    }

    @Test
    void theShellsCommandsWork(Host host) throws IOException {
        try (Shell shell = host.shell()) {
            assertThat(shell.run("bundle:list -t 0 -s")).contains("org.llmgine.core");
            assertThat(shell.run("feature:list -i")).contains("llmgine-http");
            assertThat(shell.run("config:list '(service.pid=org.llmgine*)'")).contains("org.llmgine");
            assertThat(shell.run("log:get")).contains("ROOT");
            assertThat(shell.run("llmgine:providers")).contains("offline");
        }
    }

    @Test
    void everyBundleIsActive(Host host) {
        try (Shell shell = host.shell()) {
            Until.holds(Duration.ofSeconds(30), () -> "not all are: " + shell.tryRun("bundle:list -t 0 -s"), () -> {
                assertThat(shell.run("bundle:list -t 0 -s --no-format")
                                .lines()
                                .skip(1)
                                .filter(line -> !line.isBlank()))
                        .hasSizeGreaterThan(20)
                        .allMatch(line -> line.contains("Active") || line.contains("Resolved"));
                return true;
            });
        }
    }

    private static boolean hasTool(Host host, String name) {
        return !host.api().instance("tools", name).isMissingNode();
    }
}
