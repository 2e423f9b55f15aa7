package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The short form of {@link ChaosProof}, which looks at the calm sessions only. */
final class ChaosIT {
    @Test
    void listenersThatThrowHangAndFloodHurtNoOtherSession() throws Exception {
        try (Chaos chaos = new Chaos("chaos-short")) {
            chaos.run(Duration.ofSeconds(6));
            Chaos.Fare fare = chaos.fare();

            assertThat(fare.faults()).isZero();
            assertThat(fare.beats()).isGreaterThan(100);
        }
    }
}
