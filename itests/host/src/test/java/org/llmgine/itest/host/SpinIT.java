package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A plugin that computes without a pause holds a processor; the host runs on, also when it has no other. */
final class SpinIT {
    private static final int SPIN_MS = 60_000;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void theOnlyProcessorIsSharedWithAPluginThatNeverPauses() throws Exception {
        try (Host host = SharedHost.unpackWithTestPlugins("spin").pinnedTo(0)) {
            host.start();
            SharedHost.awaitModel(host);
            // The start may have let more run at a time, for a while.
            Until.holds(LIMIT, () -> "the host is not calm", () -> !hasMoreRunning(host));
            CompletableFuture<ChatStream.Answer> spinning = CompletableFuture.supplyAsync(
                    () -> ask(host, "scripted~main/paced-1-0+spin-" + SPIN_MS), Thread::startVirtualThread);
            Until.holds(LIMIT, () -> "it does not spin", () -> hasMoreRunning(host));

            assertThat(ask(host, "scripted~main/greet").isWhole()).isTrue();
            assertThat(spinning).isNotDone();
            host.kill();
        }
    }

    /** Tell whether the host lets more than one virtual thread run at a time, by what it has logged of it last. */
    private static boolean hasMoreRunning(Host host) throws IOException {
        String log = host.everythingLogged();
        return log.lastIndexOf("run at a time from now on") > log.lastIndexOf("up to 1 run at a time again");
    }

    private static ChatStream.Answer ask(Host host, String model) {
        try {
            return host.api().ask(model, "go");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
