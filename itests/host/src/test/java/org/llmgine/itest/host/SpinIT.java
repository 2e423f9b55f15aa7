package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A plugin that computes without a pause in all virtual threads that may run at a time: the host runs on, on one processor. */
final class SpinIT {
    private static final int SPIN_MS = 15_000;
    private static final int CARRIERS = 4;

    @Test
    void theOnlyProcessorIsSharedWithAPluginThatNeverPauses() throws Exception {
        try (Host host = SharedHost.unpackWithTestPlugins("spin").pinnedTo(0)) {
            host.start();
            SharedHost.awaitModel(host);
            try (Crowd<ChatStream.Answer> spinning =
                    Crowd.of(CARRIERS, () -> ask(host, "scripted~main/paced-1-0+spin-" + SPIN_MS))) {
                Until.holds(
                        Duration.ofSeconds(10),
                        () -> "they do not spin",
                        () -> host.everythingLogged().contains("run at a time from now on"));

                assertThat(ask(host, "scripted~main/greet").isWhole()).isTrue();
                assertThat(spinning.isDone()).isFalse();

                assertThat(spinning.results()).allMatch(ChatStream.Answer::isWhole);
            }
        }
    }

    private static ChatStream.Answer ask(Host host, String model) {
        try {
            return host.api().ask(model, "go");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
