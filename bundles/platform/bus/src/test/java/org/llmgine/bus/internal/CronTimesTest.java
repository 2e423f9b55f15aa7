package org.llmgine.bus.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

class CronTimesTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "* * * * *           | 2026-11-28T12:01:00Z | 2026-11-28T12:02:00Z",
                "*/15 * * * *        | 2026-11-28T12:15:00Z | 2026-11-28T12:30:00Z",
                "30 3 * * *          | 2026-11-29T03:30:00Z | 2026-11-30T03:30:00Z",
                "0 9-17/4 * * *      | 2026-11-28T13:00:00Z | 2026-11-28T17:00:00Z",
                "5/20 12 * * *       | 2026-11-28T12:05:00Z | 2026-11-28T12:25:00Z",
                "0 0 * * MON-FRI     | 2026-11-30T00:00:00Z | 2026-12-01T00:00:00Z",
                "0 0 * * 7           | 2026-11-29T00:00:00Z | 2026-12-06T00:00:00Z",
                "0 0 * * sun         | 2026-11-29T00:00:00Z | 2026-12-06T00:00:00Z",
                "0 0 * * 5-7         | 2026-11-29T00:00:00Z | 2026-12-04T00:00:00Z",
                "0 0 1 jan,JUL *     | 2027-01-01T00:00:00Z | 2027-07-01T00:00:00Z",
                "0 0 29 2 *          | 2028-02-29T00:00:00Z | 2032-02-29T00:00:00Z",
                "0 0 31 * *          | 2026-12-31T00:00:00Z | 2027-01-31T00:00:00Z",
                // Both days given: one suffices. One of them with a star: both count.
                "0 0 1 * MON         | 2026-11-30T00:00:00Z | 2026-12-01T00:00:00Z",
                "0 0 */2 * MON       | 2026-12-07T00:00:00Z | 2026-12-21T00:00:00Z",
                "0 0 13 * *          | 2026-12-13T00:00:00Z | 2027-01-13T00:00:00Z",
                // Six fields: the seconds first.
                "*/20 * * * * *      | 2026-11-28T12:00:20Z | 2026-11-28T12:00:40Z",
                "30 59 23 31 12 *    | 2026-12-31T23:59:30Z | 2027-12-31T23:59:30Z",
            })
    void aFieldIsAListOfValuesRangesStepsAndNames(String expression, Instant first, Instant second) {
        assertThat(times(expression, ZoneOffset.UTC, "2026-11-28T12:00:00Z", 2)).containsExactly(first, second);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "* * * *",
                "* * * * * * *",
                "60 * * * *",
                "* 24 * * *",
                "* * 0 * *",
                "* * 32 * *",
                "* * * 13 *",
                "* * * * 8",
                "5-1 * * * *",
                "*/0 * * * *",
                "1/ * * * *",
                "- * * * *",
                "1- * * * *",
                "1,, * * * *",
                "x * * * *",
                "* * * FOO *",
                "1.5 * * * *",
                "99999999999 * * * *",
                "60 * * * * *",
                "@daily",
                "? * * * *",
                "* * L * *",
                "-1 * * * *",
                "*-5 * * * *"
            })
    void whatIsNoExpressionIsRefused(String expression) {
        assertThatThrownBy(() -> new CronTimes(expression)).isInstanceOfSatisfying(LlmgineException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
            assertThat(e.field()).contains("schedule");
        });
    }

    @Test
    void aRefusalNamesTheField() {
        assertThatThrownBy(() -> new CronTimes("0 25 * * *"))
                .hasMessage("'25' is no hour of a cron expression: 0 to 23.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0 0 31 2 *", "* * 30 2 *", "0 12 31 4,6,9,11 *"})
    void aDayThatNeverComesHasNoTime(String expression) {
        assertThat(new CronTimes(expression).next(Instant.parse("2026-01-01T00:00:00Z"), BERLIN))
                .isEmpty();
    }

    @Test
    void aDayMayBeFarAway() {
        // In 2100 there is no 29 February.
        assertThat(times("0 0 29 2 *", ZoneOffset.UTC, "2096-03-01T00:00:00Z", 1))
                .containsExactly(Instant.parse("2104-02-29T00:00:00Z"));
    }

    // ---- changes of the clock: in Berlin on 2026-03-29 at 02:00 to 03:00, on 2026-10-25 at 03:00 to 02:00
    // --------------

    @Test
    void whatLiesInTheMissingHourRunsWhenItIsOver() {
        assertThat(local("30 2 * * *", "2026-03-28T00:00:00Z", 4))
                .containsExactly(
                        "2026-03-28T02:30+01:00",
                        "2026-03-29T03:00+02:00",
                        "2026-03-30T02:30+02:00",
                        "2026-03-31T02:30+02:00");
    }

    @Test
    void severalTimesOfTheMissingHourRunOnce() {
        assertThat(local("0,20,40 2,3 * * *", "2026-03-29T00:00:00Z", 4))
                .containsExactly(
                        "2026-03-29T03:00+02:00",
                        "2026-03-29T03:20+02:00",
                        "2026-03-29T03:40+02:00",
                        "2026-03-30T02:00+02:00");
    }

    @Test
    void everyHourLeavesTheMissingOneOut() {
        assertThat(local("30 * * * *", "2026-03-29T00:00:00Z", 3))
                .containsExactly("2026-03-29T01:30+01:00", "2026-03-29T03:30+02:00", "2026-03-29T04:30+02:00");
        assertThat(local("*/20 * * * *", "2026-03-29T00:30:00Z", 3))
                .containsExactly("2026-03-29T01:40+01:00", "2026-03-29T03:00+02:00", "2026-03-29T03:20+02:00");
    }

    @Test
    void whatLiesInTheDoubleHourRunsTheFirstTimeOnly() {
        assertThat(local("30 2 * * *", "2026-10-24T00:00:00Z", 3))
                .containsExactly("2026-10-24T02:30+02:00", "2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00");
        assertThat(local("15 2-4 * * *", "2026-10-24T23:00:00Z", 4))
                .containsExactly(
                        "2026-10-25T02:15+02:00",
                        "2026-10-25T03:15+01:00",
                        "2026-10-25T04:15+01:00",
                        "2026-10-26T02:15+01:00");
    }

    @Test
    void askedWithinTheDoubleHourItRunsNoSecondTime() {
        assertThat(local("30 2 * * *", "2026-10-25T01:10:00Z", 1)).containsExactly("2026-10-26T02:30+01:00");
    }

    @Test
    void everyHourRunsInBothOfTheDoubleOne() {
        assertThat(local("30 * * * *", "2026-10-24T23:45:00Z", 3))
                .containsExactly("2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00", "2026-10-25T03:30+01:00");
        assertThat(local("*/30 * * * *", "2026-10-24T23:45:00Z", 6))
                .containsExactly(
                        "2026-10-25T02:00+02:00",
                        "2026-10-25T02:30+02:00",
                        "2026-10-25T02:00+01:00",
                        "2026-10-25T02:30+01:00",
                        "2026-10-25T03:00+01:00",
                        "2026-10-25T03:30+01:00");
    }

    @Test
    void aMissingMidnightCountsToo() {
        // Beirut puts its clock forward at midnight, from 2026-03-29T00:00 to 01:00.
        assertThat(new CronTimes("0 0 * * *").next(Instant.parse("2026-03-28T12:00:00Z"), ZoneId.of("Asia/Beirut")))
                .contains(Instant.parse("2026-03-28T22:00:00Z"));
    }

    @Test
    void aWholeDayMayBeMissing() {
        // Samoa left 2011-12-30 out.
        assertThat(new CronTimes("0 12 30 12 *").next(Instant.parse("2011-12-29T00:00:00Z"), ZoneId.of("Pacific/Apia")))
                .contains(Instant.parse("2011-12-30T10:00:00Z"));
    }

    @Test
    void aDayOverEachChangeHasEveryTimeOnce() {
        for (String zone : List.of("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")) {
            List<Instant> all = times("17 5 * * *", ZoneId.of(zone), "2026-01-01T00:00:00Z", 365);

            assertThat(all).isSorted().doesNotHaveDuplicates();
            assertThat(all.stream().map(time -> time.atZone(ZoneId.of(zone)).toLocalDate()))
                    .doesNotHaveDuplicates();
            assertThat(all.getLast()).isBefore(Instant.parse("2027-01-02T00:00:00Z"));
        }
    }

    // ---- another opinion
    // ---------------------------------------------------------------------------------------------

    /** In UTC, without a change of the clock, cron-utils reckons the same times. */
    @Test
    void anotherImplementationReckonsTheSame() {
        Random random = new Random(20_261_128);
        CronParser parser = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));
        for (int i = 0; i < 400; i++) {
            String expression = String.join(
                    " ",
                    field(random, 0, 59),
                    field(random, 0, 23),
                    random.nextBoolean() ? "*" : String.valueOf(1 + random.nextInt(28)),
                    field(random, 1, 12),
                    random.nextBoolean() ? "*" : String.valueOf(random.nextInt(8)));
            ExecutionTime other = ExecutionTime.forCron(parser.parse(expression));
            ZonedDateTime time = ZonedDateTime.of(2026, 1 + random.nextInt(12), 7, 11, 13, 17, 0, ZoneOffset.UTC);
            for (int n = 0; n < 5; n++) {
                ZonedDateTime next = other.nextExecution(time).orElseThrow();
                assertThat(new CronTimes(expression).next(time.toInstant(), ZoneOffset.UTC))
                        .as("%s after %s", expression, time)
                        .contains(next.toInstant());
                time = next;
            }
        }
    }

    private static String field(Random random, int least, int most) {
        int from = least + random.nextInt(most - least);
        int to = from + random.nextInt(most - from + 1);
        return switch (random.nextInt(6)) {
            case 0 -> String.valueOf(from);
            case 1 -> from + "-" + to;
            case 2 -> from + "-" + to + "/" + (1 + random.nextInt(5));
            case 3 -> "*/" + (1 + random.nextInt(9));
            case 4 -> from + "," + to;
            default -> "*";
        };
    }

    private static List<String> local(String expression, String after, int count) {
        return times(expression, BERLIN, after, count).stream()
                .map(time -> time.atZone(BERLIN).toOffsetDateTime().toString())
                .toList();
    }

    private static List<Instant> times(String expression, ZoneId zone, String after, int count) {
        CronTimes cron = new CronTimes(expression);
        List<Instant> all = new ArrayList<>();
        Optional<Instant> time = cron.next(Instant.parse(after), zone);
        while (time.isPresent() && all.size() < count) {
            all.add(time.get());
            time = cron.next(time.get(), zone);
        }
        return all;
    }
}
