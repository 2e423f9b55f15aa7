package org.llmgine.provider.offline.internal;

import java.time.ZoneId;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Reads facts out of a prompt by plain patterns.
 *
 * @param line the prompt's beginning as one line
 * @param lower the line in lower case
 */
record Prompt(String line, String lower) {
    /** What is longer is read up to here only, so that no pattern takes long. */
    private static final int MAX_READ = 4_000;

    private static final Pattern NUMBER = Pattern.compile("(?<![\\w.-])-?\\d+(?:\\.\\d+)?(?![\\w-])");
    private static final Pattern TIME = Pattern.compile(
            "\\b(?:what|which|current|today's|the)\\s+(?:\\w+\\s+){0,2}(?:time|date|day)\\b|\\btime is it\\b",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern PLACE =
            Pattern.compile("\\b(?:in|at|for|near|from)\\s+(\\p{Lu}[\\p{L}'-]*(?:[ _/]\\p{Lu}[\\p{L}'-]*)*)");

    static Prompt of(String text) {
        String line = text.substring(0, Math.min(text.length(), MAX_READ))
                .replaceAll("\\s+", " ")
                .strip();
        return new Prompt(line, line.toLowerCase(Locale.ROOT));
    }

    /** Tell whether the prompt has a match, whatever its case. */
    boolean matches(String pattern) {
        return Pattern.compile(pattern, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE)
                .matcher(line)
                .find();
    }

    /** Tell whether the prompt has a word, whatever its case; an underscore stands for a space too. */
    boolean says(String word) {
        String sought = word.toLowerCase(Locale.ROOT);
        return isWord(sought) || isWord(sought.replace('_', ' '));
    }

    /** No regular expression: schemas ask for very many words. */
    private boolean isWord(String sought) {
        if (sought.isEmpty()) {
            return false;
        }
        for (int at = lower.indexOf(sought); at >= 0; at = lower.indexOf(sought, at + 1)) {
            if (isBoundary(at) && isBoundary(at + sought.length())) {
                return true;
            }
        }
        return false;
    }

    /** Tell whether no word goes on over a position. */
    private boolean isBoundary(int at) {
        return at == 0
                || at == lower.length()
                || !isPartOfWord(lower.charAt(at - 1))
                || !isPartOfWord(lower.charAt(at));
    }

    private static boolean isPartOfWord(char c) {
        return Character.isLetterOrDigit(c) || c == '_';
    }

    /** Return the numbers in order. */
    List<String> numbers() {
        return NUMBER.matcher(line).results().map(MatchResult::group).toList();
    }

    /** Tell whether the prompt asks for the time or the date. */
    boolean asksForTime() {
        return TIME.matcher(line).find();
    }

    /** Return the place that the prompt names, as in "in New York". */
    Optional<String> place() {
        return PLACE.matcher(line).results().map(found -> found.group(1)).findFirst();
    }

    /** Return the time zone of the place that the prompt names, by its city or in full. */
    Optional<String> zone() {
        return place().map(place -> place.replace(' ', '_').toLowerCase(Locale.ROOT))
                .flatMap(place -> ZoneId.getAvailableZoneIds().stream()
                        .filter(zone -> ("/" + zone.toLowerCase(Locale.ROOT)).endsWith("/" + place))
                        .min(Comparator.comparing(String::length).thenComparing(Comparator.naturalOrder())));
    }

    /** Return what the prompt gives for a name, as in {@code name: Ada}, {@code "name": "Ada"} or {@code the name is Ada}. */
    Optional<String> value(String name) {
        if (!says(name)) {
            return Optional.empty();
        }
        return Pattern.compile(
                        "\\b" + quoted(name) + "\"?(?: ?[:=] ?| is )(?:\"([^\"]*)\"|'([^']*)'|([^\\s,;.?!]+))",
                        Pattern.CASE_INSENSITIVE)
                .matcher(line)
                .results()
                .map(Prompt::firstGroup)
                .findFirst();
    }

    private static String firstGroup(MatchResult found) {
        for (int group = 1; group < found.groupCount(); group++) {
            if (found.group(group) != null) {
                return found.group(group);
            }
        }
        return found.group(found.groupCount());
    }

    private static String quoted(String word) {
        return Pattern.quote(word).replace("_", "\\E[ _]\\Q");
    }
}
