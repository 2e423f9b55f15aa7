package org.llmgine.bus.internal;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Schedule;

/** Reckons the times of a schedule, in whole milliseconds. */
final class Times {
    private static final Instant LATEST = Instant.parse("9999-01-01T00:00:00Z");

    private Times() {}

    /**
     * Return the first time of a timer that is scheduled now.
     *
     * @throws LlmgineException {@code invalid_request} with the field {@code schedule}
     */
    static Instant first(Schedule schedule, Instant now) {
        Instant first = switch (schedule) {
            case Schedule.Once once -> once.at();
            case Schedule.Every every -> every.first().orElse(now.plus(every.interval()));
            case Schedule.Cron cron ->
                new CronTimes(cron.expression())
                        .next(now, cron.zone())
                        .orElseThrow(() -> refused(
                                "The cron expression '" + cron.expression() + "' names a day that never comes."));
        };
        if (first.isBefore(Instant.EPOCH) || first.isAfter(LATEST)) {
            throw refused("The first time must be from the year 1970 to 9998.");
        }
        return first.truncatedTo(ChronoUnit.MILLIS);
    }

    private static LlmgineException refused(String sentence) {
        return new LlmgineException(ErrorCode.INVALID_REQUEST, sentence).withField("schedule");
    }

    /** Return the first time that is after now and after the run that is done; empty when there is none. */
    static Optional<Instant> next(Schedule schedule, Instant run, Instant now) {
        Instant after = run.isAfter(now) ? run : now;
        Optional<Instant> next = switch (schedule) {
            case Schedule.Once once -> Optional.empty();
            case Schedule.Every every -> {
                long interval = every.interval().toMillis();
                long passed = run.until(after, ChronoUnit.MILLIS) / interval;
                yield Optional.of(run.plusMillis((passed + 1) * interval));
            }
            case Schedule.Cron cron -> new CronTimes(cron.expression()).next(after, cron.zone());
        };
        return next.filter(time -> !time.isAfter(LATEST));
    }
}
