package org.llmgine.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.Test;

class ManualClockTest {
    private static final Instant NOON = Instant.parse("2026-11-28T12:00:00Z");

    @Test
    void standsUntilItIsMoved() {
        ManualClock clock = new ManualClock(NOON);
        Clock paris = clock.withZone(ZoneId.of("Europe/Paris"));
        assertThat(clock.instant()).isEqualTo(NOON);

        clock.advance(Duration.ofMillis(1500));

        assertThat(clock.millis()).isEqualTo(NOON.toEpochMilli() + 1500);
        assertThat(clock.nanoTime()).isEqualTo(1_500_000_000);
        assertThat(ZonedDateTime.now(paris)).hasToString("2026-11-28T13:00:01.500+01:00[Europe/Paris]");
        assertThat(clock.getZone()).hasToString("Z");
    }
}
