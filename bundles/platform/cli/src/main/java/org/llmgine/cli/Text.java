package org.llmgine.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import org.jline.utils.WCWidth;

/** Makes text fit for a person's terminal. */
final class Text {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMM yyyy", Locale.ENGLISH);

    private Text() {}

    /** Take out what would steer the terminal: others wrote the text. Line ends and tabs stay. */
    static String plain(String text) {
        StringBuilder plain = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean steers = c < ' ' && c != '\n' && c != '\t' || c >= 0x7f && c < 0xa0;
            if (steers && plain == null) {
                plain = new StringBuilder(text.length()).append(text, 0, i);
            } else if (!steers && plain != null) {
                plain.append(c);
            }
        }
        return plain == null ? text : plain.toString();
    }

    /** Make a plain text one line. */
    static String line(String text) {
        return plain(text).replaceAll("\\s+", " ").strip();
    }

    /** Count the columns that a line takes. */
    static int width(String line) {
        return line.codePoints().map(Text::width).sum();
    }

    static int width(int codePoint) {
        return Math.max(0, WCWidth.wcwidth(codePoint));
    }

    /** Cut a line to some columns; an ellipsis shows it. */
    static String cut(String line, int columns) {
        if (width(line) <= columns) {
            return line;
        }
        StringBuilder cut = new StringBuilder();
        int taken = 1;
        for (int c : line.codePoints().toArray()) {
            taken += width(c);
            if (taken > columns) {
                break;
            }
            cut.appendCodePoint(c);
        }
        return cut.toString().stripTrailing() + "…";
    }

    /** Say how long ago a moment was that the host told; what is no moment stays as it is. */
    static String ago(String moment, Instant now) {
        Instant then;
        try {
            then = Instant.parse(moment);
        } catch (DateTimeParseException e) {
            return line(moment);
        }
        Duration age = Duration.between(then, now);
        if (age.toSeconds() < 60) {
            return "just now";
        }
        return age.toDays() < 30 ? span(age) + " ago" : day(then);
    }

    /** Say how long it is until a moment that the host told. */
    static String until(String moment, Instant now) {
        Instant then;
        try {
            then = Instant.parse(moment);
        } catch (DateTimeParseException e) {
            return line(moment);
        }
        Duration left = Duration.between(now, then).plusSeconds(30); // rounded
        if (left.toSeconds() < 60) {
            return left.toSeconds() < 30 ? "expired" : "within a minute";
        }
        return left.toDays() < 30 ? "in " + span(left) : day(then);
    }

    private static String span(Duration length) {
        if (length.toMinutes() < 60) {
            return length.toMinutes() + " min";
        }
        return length.toHours() < 48 ? length.toHours() + " h" : length.toDays() + " days";
    }

    private static String day(Instant moment) {
        return DAY.format(moment.atZone(ZoneId.systemDefault()));
    }

    /** Say how long something took. */
    static String took(long millis) {
        if (millis < 1_000) {
            return millis + " ms";
        }
        return millis < 60_000
                ? String.format(Locale.ROOT, "%.1f s", millis / 1_000.0)
                : millis / 60_000 + " min " + millis / 1_000 % 60 + " s";
    }

    /** Name a number of things. */
    static String count(long number, String thing) {
        return number + " " + thing + (number == 1 ? "" : "s");
    }
}
