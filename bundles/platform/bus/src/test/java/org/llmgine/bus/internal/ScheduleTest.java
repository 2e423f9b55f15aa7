package org.llmgine.bus.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Schedule;

class ScheduleTest {
    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00.123456789Z");

    static Stream<Schedule> all() {
        return Stream.of(
                Schedule.once(NOW),
                Schedule.every(Duration.ofHours(36)),
                Schedule.every(Duration.ofMillis(1500), NOW),
                Schedule.cron("0 3 * * *", ZoneId.of("Europe/Berlin")),
                Schedule.cron(" 10 0  3 *\t* MON\n", ZoneOffset.UTC));
    }

    @ParameterizedTest
    @MethodSource("all")
    void itsTextIsReadAgain(Schedule schedule) {
        assertThat(Schedule.parse(schedule.text())).isEqualTo(schedule);
    }

    @Test
    void itsTextIsReadableForPeople() {
        assertThat(all().map(Schedule::text))
                .containsExactly(
                        "once 2026-11-28T12:00:00.123456789Z",
                        "every PT36H",
                        "every PT1.5S from 2026-11-28T12:00:00.123456789Z",
                        "cron Europe/Berlin 0 3 * * *",
                        "cron Z 10 0 3 * * MON");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "never",
                "once",
                "once upon a time",
                "every",
                "every day",
                "every PT1H at noon",
                "every PT1H from now",
                "every PT0.5S",
                "every P36501D",
                "every PT-1H",
                "cron",
                "cron UTC",
                "cron Nowhere/Land 0 3 * * *"
            })
    void whatIsNoScheduleIsRefused(String text) {
        assertThatThrownBy(() -> Schedule.parse(text)).isInstanceOfSatisfying(LlmgineException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
            assertThat(e.field()).contains("schedule");
            assertThat(e.hint()).isPresent();
        });
    }

    @Test
    void timesAreWholeMilliseconds() {
        assertThat(Times.first(Schedule.once(NOW), NOW)).isEqualTo(Instant.parse("2026-11-28T12:00:00.123Z"));
        assertThat(Times.first(Schedule.every(Duration.ofMinutes(1)), NOW))
                .isEqualTo(Instant.parse("2026-11-28T12:01:00.123Z"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1969-12-31T23:59:59Z", "9999-06-01T00:00:00Z", "-1000000000-01-01T00:00:00Z"})
    void aTimeOutOfRangeIsRefused(Instant time) {
        assertThatThrownBy(() -> Times.first(Schedule.once(time), NOW))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.field()).contains("schedule"));
    }

    @Test
    void anIntervalEndsWithTheRange() {
        Schedule seldom = Schedule.every(Duration.ofDays(36_500), Instant.parse("9950-01-01T00:00:00Z"));

        assertThat(Times.next(seldom, Instant.parse("9950-01-01T00:00:00Z"), NOW))
                .isEmpty();
    }

    @Test
    void anIntervalMakesUpForOneMissedTimeAndKeepsItsPace() {
        Schedule hourly = Schedule.every(Duration.ofHours(1));
        Instant run = Instant.parse("2026-11-28T01:10:00Z");

        assertThat(Times.next(hourly, run, run)).contains(Instant.parse("2026-11-28T02:10:00Z"));
        assertThat(Times.next(hourly, run, Instant.parse("2026-11-28T05:09:59.999Z")))
                .contains(Instant.parse("2026-11-28T05:10:00Z"));
        assertThat(Times.next(hourly, run, Instant.parse("2026-11-28T05:10:00Z")))
                .contains(Instant.parse("2026-11-28T06:10:00Z"));
        // Another host's clock may be behind.
        assertThat(Times.next(hourly, run, Instant.parse("2026-11-28T01:09:59Z")))
                .contains(Instant.parse("2026-11-28T02:10:00Z"));
    }
}
