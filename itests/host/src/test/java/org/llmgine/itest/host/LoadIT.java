package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The short form of {@link LoadProof}: what a run leaves behind is looked at soon, not after two minutes. */
@ExtendWith(SharedHost.class)
final class LoadIT {
    @Test
    void twoHundredStreamsArriveWholeAndInOrderAndLeaveNothingBehind(Host host) throws Exception {
        Load load = new Load(host, 200);
        load.run();
        Until.holds(Duration.ofSeconds(20), () -> "streams stay open", () -> load.open() == 0);
        Load.Footprint warm = load.footprint();
        Jvm jvm = new Jvm(host.jvm());
        Map<String, Long> then = jvm.threadKinds();

        assertThat(load.run()).allMatch(ChatStream.Answer::isWhole).allMatch(Load::isInOrder);
        Until.holds(
                Duration.ofSeconds(120),
                () -> "it was " + warm + " after the warm-up and is " + load.footprint() + "\nthreads then: " + then
                        + "\nthreads now:  " + jvm.threadKinds(),
                () -> load.footprint().isWithin(0.05, warm));
    }
}
