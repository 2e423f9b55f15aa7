package org.llmgine.api.bus;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Objects;
import java.util.Optional;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/** Say when a timer runs. */
public sealed interface Schedule {
    /** Return it in one line, which {@link #parse} reads. */
    String text();

    /** Run once, at once if the time has passed. */
    static Schedule once(Instant at) {
        return new Once(at);
    }

    /**
     * Run again and again, the first time when one interval has passed.
     *
     * @throws LlmgineException {@code invalid_request} when the interval is shorter than 1 s or longer than 36500 days
     */
    static Schedule every(Duration interval) {
        return new Every(interval, Optional.empty());
    }

    /**
     * Run again and again. All times are whole intervals after the first one, however long the runs take.
     *
     * @throws LlmgineException {@code invalid_request} when the interval is shorter than 1 s or longer than 36500 days
     */
    static Schedule every(Duration interval, Instant first) {
        return new Every(interval, Optional.of(first));
    }

    /**
     * Run at the times of a UNIX cron expression, see {@link Cron}.
     *
     * @param expression five fields, or six with the seconds first
     * @param zone whose clock counts
     */
    static Schedule cron(String expression, ZoneId zone) {
        return new Cron(expression, zone);
    }

    /**
     * Read what {@link #text()} returns: {@code once 2030-01-01T00:00:00Z}, {@code every PT1H},
     * {@code every PT1H from 2030-01-01T00:00:00Z}, {@code cron Europe/Berlin 0 3 * * *}.
     *
     * @throws LlmgineException {@code invalid_request} with the field {@code schedule}
     */
    static Schedule parse(String text) {
        String[] words = text.split(" ", 3);
        try {
            switch (words.length == 1 ? "" : words[0]) {
                case "once" -> {
                    return once(Instant.parse(text.substring("once ".length())));
                }
                case "every" -> {
                    Duration interval = Duration.parse(words[1]);
                    if (words.length == 2) {
                        return every(interval);
                    }
                    if (words[2].startsWith("from ")) {
                        return every(interval, Instant.parse(words[2].substring("from ".length())));
                    }
                }
                case "cron" -> {
                    if (words.length > 2) {
                        return cron(words[2], ZoneId.of(words[1]));
                    }
                }
                default -> {}
            }
        } catch (DateTimeException e) {
            throw refused("'" + text + "' is no schedule: " + e.getMessage() + ".");
        }
        throw refused("'" + text + "' is no schedule.");
    }

    private static LlmgineException refused(String sentence) {
        return new LlmgineException(ErrorCode.INVALID_REQUEST, sentence)
                .withHint("Write 'once TIME', 'every DURATION', 'every DURATION from TIME' or 'cron ZONE EXPRESSION'.")
                .withField("schedule");
    }

    /**
     * Run once.
     *
     * @param at when
     */
    record Once(Instant at) implements Schedule {
        /** Check that all is there. */
        public Once {
            Objects.requireNonNull(at, "at");
        }

        @Override
        public String text() {
            return "once " + at;
        }
    }

    /**
     * Run again and again.
     *
     * @param interval how long from one time to the next
     * @param first the first time; empty for one interval after it is scheduled
     */
    record Every(Duration interval, Optional<Instant> first) implements Schedule {
        private static final Duration SHORTEST = Duration.ofSeconds(1);
        private static final Duration LONGEST = Duration.ofDays(36_500);

        /** Check the interval. */
        public Every {
            Objects.requireNonNull(first, "first");
            if (interval.compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0) {
                throw refused("The interval must be from 1 s to 36500 days.");
            }
        }

        @Override
        public String text() {
            return "every " + interval + first.map(at -> " from " + at).orElse("");
        }
    }

    /**
     * Run at the times of a UNIX cron expression: minute, hour, day of the month, month and day of the week, with the second
     * before them if there are six. A field is a list of values and ranges, each with a step or without: {@code 5},
     * {@code 1-5}, {@code *}, {@code 0-30/10}, {@code 5/15} (from 5 on), {@code MON-FRI}, {@code JAN}. Sunday is 0 and 7. When
     * both days are given, neither beginning with {@code *}, one of them suffices.
     *
     * <p>When the clock is put forward, what would have run in the hour that is missing runs once, as soon as that hour is over.
     * When it is put back, what lies in the hour that comes twice runs the first time only. An expression that names every hour
     * runs by the time that passes: not in a missing hour, and in both of the double one.
     *
     * @param expression the expression
     * @param zone whose clock counts
     */
    record Cron(String expression, ZoneId zone) implements Schedule {
        /** Check that all is there. */
        public Cron {
            Objects.requireNonNull(zone, "zone");
            expression = expression.strip().replaceAll("\\s+", " ");
        }

        @Override
        public String text() {
            return "cron " + zone + " " + expression;
        }
    }
}
