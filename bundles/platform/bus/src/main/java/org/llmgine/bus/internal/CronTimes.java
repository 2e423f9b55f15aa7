package org.llmgine.bus.internal;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/** The times of a cron expression, see {@link org.llmgine.api.bus.Schedule.Cron}. */
final class CronTimes {
    /** Any day that comes at all comes within so many: 29 February on each day of the week, over 2100. */
    private static final int DAYS = 41 * 366;

    private static final int HOURS = 24;

    private final BitSet seconds;
    private final BitSet minutes;
    private final BitSet hours;
    private final BitSet days;
    private final BitSet months;
    private final BitSet weekdays;
    /** Whether one of the two days suffices. */
    private final boolean either;

    /** A field: what it is called, its least and its most value, and names for the values from the least on. */
    private enum Field {
        SECOND(0, 59),
        MINUTE(0, 59),
        HOUR(0, 23),
        DAY(1, 31),
        MONTH(1, 12, "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"),
        WEEKDAY(0, 7, "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");

        private final int least;
        private final int most;
        private final List<String> names;

        Field(int least, int most, String... names) {
            this.least = least;
            this.most = most;
            this.names = List.of(names);
        }

        BitSet parse(String text) {
            BitSet values = new BitSet();
            for (String item : text.split(",", -1)) {
                String[] parts = item.split("/", 2);
                String[] range = parts[0].split("-", 2);
                int step = parts.length == 1 ? 1 : number(parts[1], item);
                int from = parts[0].equals("*") ? least : value(range[0], item);
                int to = range.length == 2 ? value(range[1], item) : from;
                if (parts[0].equals("*") || (parts.length == 2 && range.length == 1)) {
                    // The 7 is Sunday again.
                    to = this == WEEKDAY ? most - 1 : most;
                }
                if (from < least || to > most || from > to || step < 1) {
                    throw wrong(item);
                }
                for (int value = from; value <= to; value += step) {
                    values.set(value);
                }
            }
            return values;
        }

        private int value(String text, String item) {
            int named = names.indexOf(text.toUpperCase(Locale.ROOT));
            return named < 0 ? number(text, item) : least + named;
        }

        private int number(String text, String item) {
            if (!text.matches("[0-9]{1,4}")) {
                throw wrong(item);
            }
            return Integer.parseInt(text);
        }

        private LlmgineException wrong(String item) {
            return refused("'" + item + "' is no " + name().toLowerCase(Locale.ROOT) + " of a cron expression: " + least
                    + " to " + most + ".");
        }
    }

    /**
     * Read an expression.
     *
     * @throws LlmgineException {@code invalid_request} with the field {@code schedule}
     */
    CronTimes(String expression) {
        String[] fields = expression.strip().split("\\s+");
        if (fields.length != Field.values().length && fields.length != Field.values().length - 1) {
            throw refused(
                    "The cron expression '" + expression + "' has " + fields.length + " fields: it needs 5, or 6.");
        }
        int minute = fields.length - 5;
        seconds = Field.SECOND.parse(minute == 0 ? "0" : fields[0]);
        minutes = Field.MINUTE.parse(fields[minute]);
        hours = Field.HOUR.parse(fields[minute + 1]);
        days = Field.DAY.parse(fields[minute + 2]);
        months = Field.MONTH.parse(fields[minute + 3]);
        weekdays = Field.WEEKDAY.parse(fields[minute + 4]);
        if (weekdays.get(0)) {
            weekdays.set(7);
        }
        weekdays.set(0, false);
        either = !fields[minute + 2].startsWith("*") && !fields[minute + 4].startsWith("*");
    }

    private static LlmgineException refused(String sentence) {
        return new LlmgineException(ErrorCode.INVALID_REQUEST, sentence).withField("schedule");
    }

    /** Return the first time after an instant; empty when there is none. */
    Optional<Instant> next(Instant after, ZoneId zone) {
        return hours.cardinality() == HOURS ? nextPassing(after, zone) : nextOnClock(after, zone);
    }

    /** Go by the time that passes: from one change of the clock to the next. */
    private Optional<Instant> nextPassing(Instant after, ZoneId zone) {
        ZoneRules rules = zone.getRules();
        Instant begin = after;
        ZoneOffset offset = rules.getOffset(after);
        LocalDateTime from = secondAfter(after, offset);
        while (true) {
            ZoneOffsetTransition change = rules.nextTransition(begin);
            LocalDateTime found = local(from);
            if (found == null) {
                return Optional.empty();
            }
            Instant time = found.toInstant(offset);
            if (change == null || time.isBefore(change.getInstant())) {
                return Optional.of(time);
            }
            begin = change.getInstant();
            offset = change.getOffsetAfter();
            from = change.getDateTimeAfter();
        }
    }

    /** Go by the clock on the wall: each of its times once. */
    private Optional<Instant> nextOnClock(Instant after, ZoneId zone) {
        ZoneRules rules = zone.getRules();
        LocalDateTime found = local(secondAfter(after, rules.getOffset(after)));
        while (found != null) {
            ZoneOffsetTransition change = rules.getTransition(found);
            Instant time = change == null
                    ? found.toInstant(rules.getOffset(found))
                    : change.isGap() ? change.getInstant() : found.toInstant(change.getOffsetBefore());
            if (time.isAfter(after)) {
                return Optional.of(time);
            }
            found = local(found.plusSeconds(1));
        }
        return Optional.empty();
    }

    private static LocalDateTime secondAfter(Instant instant, ZoneOffset offset) {
        return LocalDateTime.ofEpochSecond(instant.getEpochSecond(), 0, offset).plusSeconds(1);
    }

    private @Nullable LocalDateTime local(LocalDateTime from) {
        LocalDate day = from.toLocalDate();
        LocalTime least = from.toLocalTime();
        for (int i = 0; i < DAYS; i++) {
            if (matches(day)) {
                LocalTime time = time(least.getHour(), least.getMinute(), least.getSecond());
                if (time != null) {
                    return day.atTime(time);
                }
            }
            day = day.plusDays(1);
            least = LocalTime.MIDNIGHT;
        }
        return null;
    }

    private boolean matches(LocalDate day) {
        boolean byDate = days.get(day.getDayOfMonth());
        boolean byWeekday = weekdays.get(day.getDayOfWeek().getValue());
        return months.get(day.getMonthValue()) && (either ? byDate || byWeekday : byDate && byWeekday);
    }

    /** Return the first time of a day from one on. */
    private @Nullable LocalTime time(int fromHour, int fromMinute, int fromSecond) {
        int hour = hours.nextSetBit(fromHour);
        if (hour < 0) {
            return null;
        }
        int minute = minutes.nextSetBit(hour > fromHour ? 0 : fromMinute);
        if (minute < 0) {
            return time(hour + 1, 0, 0);
        }
        int second = seconds.nextSetBit(hour > fromHour || minute > fromMinute ? 0 : fromSecond);
        return second < 0 ? time(hour, minute + 1, 0) : LocalTime.of(hour, minute, second);
    }
}
