package org.llmgine.http.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KeyLimitsTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final KeyLimits limits = new KeyLimits();

    @Test
    void requestsAtATimeAreCountedPerKey() {
        HttpSettings.Snapshot two = settings(Map.of("maxStreamsPerKey", 2));

        assertThat(limits.enter("a", two, 0)).isEmpty();
        assertThat(limits.enter("a", two, 0)).isEmpty();
        assertThat(limits.enter("a", two, 0)).isPresent();
        assertThat(limits.enter("b", two, 0)).isEmpty();
        limits.leave("a", two, 0);
        assertThat(limits.enter("a", two, 0)).isEmpty();
    }

    @Test
    void aRateAllowsABurstOfOneSecondAndThenItsPace() {
        HttpSettings.Snapshot four = settings(Map.of("requestsPerSecondPerKey", 4));
        for (int i = 0; i < 4; i++) {
            assertThat(limits.enter("a", four, 0)).isEmpty();
            limits.leave("a", four, 0);
        }

        assertThat(limits.enter("a", four, 0)).hasValue(Duration.ofMillis(250));
        assertThat(limits.enter("a", four, SECOND / 4)).isEmpty();
        assertThat(limits.enter("a", four, SECOND / 4)).isPresent();
        assertThat(limits.enter("a", four, 100 * SECOND)).isEmpty();
    }

    @Test
    void aRefusedRequestTakesNothing() {
        HttpSettings.Snapshot one = settings(Map.of("maxStreamsPerKey", 1, "requestsPerSecondPerKey", 2));
        assertThat(limits.enter("a", one, 0)).isEmpty();
        assertThat(limits.enter("a", one, 0)).isPresent();
        limits.leave("a", one, 0);

        assertThat(limits.enter("a", one, 0)).isEmpty();
    }

    @Test
    void whoNeverEnteredMayLeave() {
        limits.leave("nobody", settings(Map.of()), 0);

        assertThat(limits.enter("nobody", settings(Map.of("maxStreamsPerKey", 1)), 0))
                .isEmpty();
    }

    private static HttpSettings.Snapshot settings(Map<String, Object> changes) {
        return new HttpSettings(Host.config(changes)).current();
    }
}
