package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("proof")
final class ChaosProof {
    private static final Duration WARM_UP = Duration.ofMinutes(1);
    private static final Duration TIME = Duration.ofMinutes(10);

    @Test
    @Timeout(1200)
    void tenMinutesOfListenersThatThrowHangAndFloodHurtNoOtherSessionAndLeaveNothingBehind() throws Exception {
        try (Chaos chaos = new Chaos("chaos")) {
            chaos.run(WARM_UP);
            Load.Footprint warm = new Load(chaos.host(), 1).footprint();
            Chaos.Fare before = chaos.fare();
            chaos.run(TIME);
            Chaos.Fare after = chaos.fare();
            Load load = new Load(chaos.host(), 1);
            Until.holds(
                    Duration.ofMinutes(2),
                    () -> "it was " + warm + " after the warm-up and is " + load.footprint(),
                    () -> load.footprint().isWithin(0.05, warm));
            Load.Footprint rested = load.footprint();

            new Report("chaos")
                    .add("time with listeners that throw, hang and flood (s)", TIME.toSeconds())
                    .add("changes of their bundle", chaos.changes())
                    .add("events in the sessions that were hurt", after.ticks() - before.ticks())
                    .add("awaited events and commands in calm sessions", after.beats() - before.beats())
                    .add("of these lost, failed or out of order", after.faults())
                    .add("the slowest of them (ms)", after.slowestMs())
                    .add("live heap after the warm-up (KiB)", warm.heapBytes() / 1024)
                    .add("live heap at the end (KiB)", rested.heapBytes() / 1024)
                    .add("threads after the warm-up", warm.threads())
                    .add("threads at the end", rested.threads())
                    .write();
            assertThat(after.faults()).isZero();
            assertThat(after.beats() - before.beats()).isGreaterThan(100_000);
        }
    }
}
