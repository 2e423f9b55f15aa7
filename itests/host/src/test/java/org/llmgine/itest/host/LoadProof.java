package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("proof")
@ExtendWith(SharedHost.class)
final class LoadProof {
    private static final Duration REST = Duration.ofMinutes(2);

    @Test
    void twoMinutesAfterTwoHundredStreamsTheHostHoldsNoMoreThanAfterTheWarmUp(Host host) throws Exception {
        Load load = new Load(host, 200);
        load.run();
        Until.holds(Duration.ofSeconds(20), () -> "streams stay open", () -> load.open() == 0);
        Load.Footprint warm = load.footprint();
        long begin = System.nanoTime();
        List<ChatStream.Answer> answers = load.run();
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        new CountDownLatch(1).await(REST.toMillis(), TimeUnit.MILLISECONDS);
        Load.Footprint rested = load.footprint();

        new Report("load")
                .add("streams of 64 deltas, 20 ms apart, at a time", load.clients())
                .add(
                        "whole and in order",
                        answers.stream()
                                .filter(Load::isInOrder)
                                .filter(ChatStream.Answer::isWhole)
                                .count())
                .add("time for all (ms; 1280 at best)", took.toMillis())
                .add("live heap after the warm-up (KiB)", warm.heapBytes() / 1024)
                .add("live heap two minutes later (KiB)", rested.heapBytes() / 1024)
                .add("threads after the warm-up", warm.threads())
                .add("threads two minutes later", rested.threads())
                .write();
        assertThat(answers).allMatch(ChatStream.Answer::isWhole).allMatch(Load::isInOrder);
        assertThat(rested.isWithin(0.05, warm))
                .as("%s against %s", rested, warm)
                .isTrue();
    }
}
