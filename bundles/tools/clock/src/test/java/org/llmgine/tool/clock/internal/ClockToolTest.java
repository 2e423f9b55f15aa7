package org.llmgine.tool.clock.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.tool.ToolResult;
import org.llmgine.testkit.FakeToolContext;

class ClockToolTest {
    private final ClockTool tool =
            new ClockTool(Clock.fixed(Instant.parse("2026-02-03T22:05:06.789Z"), ZoneId.of("Europe/Paris")));

    @Test
    void tellsTheTimeOfTheHostsZoneWhenNoneIsAskedFor() {
        ToolResult paris = ToolResult.text(
                "2026-02-03T23:05:06+01:00\nTuesday, 3 February 2026, 23:05:06 in Europe/Paris (UTC+01:00)");

        assertThat(tool.call(new ClockTool.Arguments(Optional.empty()), new FakeToolContext()))
                .isEqualTo(paris);
        assertThat(call(" ")).isEqualTo(paris);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    Asia/Tokyo      | 2026-02-04T07:05:06+09:00 | Wednesday, 4 February 2026, 07:05:06 in Asia/Tokyo (UTC+09:00)
                    America/Caracas | 2026-02-03T18:05:06-04:00 | Tuesday, 3 February 2026, 18:05:06 in America/Caracas (UTC-04:00)
                    UTC             | 2026-02-03T22:05:06Z      | Tuesday, 3 February 2026, 22:05:06 in UTC (UTC+00:00)
                    +05:30          | 2026-02-04T03:35:06+05:30 | Wednesday, 4 February 2026, 03:35:06 in +05:30 (UTC+05:30)
                    """)
    void tellsTheTimeOfAZone(String zone, String iso, String human) {
        assertThat(call(zone)).isEqualTo(ToolResult.text(iso + "\n" + human));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    Tokyo           | Did you mean Asia/Tokyo?
                    Europe/Pariss   | Did you mean Europe/Paris?
                    europe/paris    | Did you mean Europe/Paris?
                    Asia/Toyko      | Did you mean Asia/Tokyo?
                    New York        | Did you mean America/New_York?
                    Mars/Olympus    | Give an IANA zone such as Europe/Paris, or an offset such as +02:00.
                    """)
    void namesSimilarZonesWhenThereIsNone(String zone, String help) {
        assertThat(call(zone)).isEqualTo(ToolResult.error("There is no time zone '" + zone + "'. " + help));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Louisvile", "Indiana/Knox2"})
    void namesAtMostThree(String zone) {
        assertThat(text(call(zone)).split(",")).hasSizeBetween(1, 3);
    }

    @Test
    void doesNotSearchForWhatIsNoName() {
        assertThat(text(call("x".repeat(1_000_000))))
                .endsWith("Give an IANA zone such as Europe/Paris, or an offset such" + " as +02:00.");
    }

    @Test
    void followsTheSystemsClock() {
        Instant before = Instant.now().minusSeconds(1);

        ToolResult result = new ClockTool().call(new ClockTool.Arguments(Optional.of("UTC")), new FakeToolContext());

        Instant told = OffsetDateTime.parse(text(result).lines().findFirst().orElseThrow())
                .toInstant();
        assertThat(told).isBetween(before, Instant.now());
    }

    @Test
    void describesItself() {
        assertThat(tool.definition().name()).isEqualTo("clock");
        assertThat(tool.definition().description()).contains("date", "time");
    }

    private ToolResult call(String zone) {
        return tool.call(new ClockTool.Arguments(Optional.of(zone)), new FakeToolContext());
    }

    private static String text(ToolResult result) {
        return ((TextPart) result.content().getFirst()).text();
    }
}
