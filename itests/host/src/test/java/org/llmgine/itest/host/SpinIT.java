package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A plugin that computes without a pause holds a processor; the host runs on, also when it has no other. */
final class SpinIT {
    private static final int SPIN_MS = 15_000;

    @Test
    void theOnlyProcessorIsSharedWithAPluginThatNeverPauses() throws Exception {
        try (Host host = SharedHost.unpackWithTestPlugins("spin").pinnedTo(0)) {
            host.start();
            SharedHost.awaitModel(host);
            CompletableFuture<ChatStream.Answer> spinning = CompletableFuture.supplyAsync(
                    () -> ask(host, "scripted~main/paced-1-0+spin-" + SPIN_MS), Thread::startVirtualThread);
            Until.holds(
                    Duration.ofSeconds(5),
                    () -> "it does not spin",
                    () -> host.everythingLogged().contains("run at a time from now on"));

            assertThat(ask(host, "scripted~main/greet").isWhole()).isTrue();
            assertThat(spinning).isNotDone();

            assertThat(spinning.get().isWhole()).isTrue();
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
