package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class CrashIT {
    @Test
    void aHostThatWasKilledInMidStreamIsReadyAgainWithNoManualStep() throws Exception {
        try (Host host = Host.unpack("crash")
                .without("LLMGINE_ADMIN_KEY")
                .without("LLMGINE_ADMIN_PASSWORD")
                .start()) {
            String key = Files.readString(host.data().resolve("cli.key")).strip();
            try (Shell shell = host.shell(FirstStartIT.printed(host, "password"))) {
                shell.install(Fixtures.scriptedProvider());
            }
            Api api = host.api(key);
            for (int round : IntStream.rangeClosed(1, 2).toArray()) {
                try (Crowd<Boolean> crowd = Crowd.of(20, () -> isWhole(api))) {
                    int opened = 20 * round;
                    Until.holds(
                            Duration.ofSeconds(20),
                            () -> "not all streams run",
                            () -> host.journal().entries("paced-1000-20").size() == opened);
                    host.kill();
                    assertThat(crowd.results()).containsOnly(false);
                }

                host.start();

                assertThat(api.ask("offline/demo", "Hello!").isWhole()).isTrue();
                Until.holds(
                        Duration.ofSeconds(30),
                        () -> "the plugin does not serve",
                        () -> api.ask("scripted/paced-3-0", "Hello!").isWhole());
                assertThat(host.data().resolve("cli.key")).hasContent(key);
            }
        }
    }

    private static boolean isWhole(Api api) {
        try {
            return api.ask("scripted/paced-1000-20", "go").isWhole();
        } catch (UncheckedIOException e) {
            return false;
        }
    }
}
