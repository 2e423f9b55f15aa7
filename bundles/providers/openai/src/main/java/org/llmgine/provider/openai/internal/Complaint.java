package org.llmgine.provider.openai.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Holds what a back-end says of an error, in whatever form it says it.
 *
 * @param words the message for people; possibly empty
 * @param type the kind of error in the back-end's words; possibly empty
 * @param code the back-end's code; possibly empty
 * @param param the field at fault; possibly empty
 * @param isJson whether it was said in JSON
 */
record Complaint(String words, String type, String code, String param, boolean isJson) {
    private static final int MAX_WORDS = 1000;
    private static final int MAX_PAGE_WORDS = 200;
    private static final List<String> NAMES = List.of("message", "error", "detail", "title", "errors", "msg");

    /**
     * Read a body.
     *
     * @param clean takes secrets out of a text, before it is cut
     */
    static Complaint of(JsonFactory json, String body, UnaryOperator<String> clean) {
        String text = body.strip();
        if (text.startsWith("{") || text.startsWith("[") || text.startsWith("\"")) {
            try (JsonParser parser = json.createParser(text)) {
                parser.nextToken();
                return of(JsonValues.read(parser), clean);
            } catch (IOException e) {
                // It is read as a page then.
            }
        }
        return new Complaint(shortened(clean.apply(page(text)), MAX_PAGE_WORDS), "", "", "", false);
    }

    /**
     * Read a JSON value.
     *
     * @param clean takes secrets out of a text, before it is cut
     */
    static Complaint of(@Nullable Object value, UnaryOperator<String> clean) {
        Object said = value;
        if (said instanceof List<?> list) {
            said = list.isEmpty() ? null : list.getFirst();
        }
        if (JsonValues.field(said, "error") instanceof Map<?, ?> error) {
            said = error;
        }
        List<String> words = new ArrayList<>();
        words.add(words(said));
        // What a router tells of the back-end behind it.
        String raw = JsonValues.text(JsonValues.field(said, "metadata"), "raw");
        if (!raw.isEmpty()) {
            words.add(raw);
        }
        return new Complaint(
                shortened(
                        clean.apply(
                                words.stream().filter(each -> !each.isEmpty()).collect(Collectors.joining(": "))),
                        MAX_WORDS),
                JsonValues.text(said, "type") + JsonValues.text(said, "status"),
                JsonValues.text(said, "code"),
                shortened(clean.apply(param(said))),
                true);
    }

    private static String words(@Nullable Object said) {
        return switch (said) {
            case null -> "";
            case String text -> text;
            case List<?> list -> list.stream().limit(5).map(Complaint::item).collect(Collectors.joining("; "));
            case Map<?, ?> map ->
                NAMES.stream()
                        .map(name -> words(map.get(name)))
                        .filter(text -> !text.isEmpty())
                        .findFirst()
                        .orElse("");
            default -> said.toString();
        };
    }

    /** Read one of FastAPI's complaints: where, and what. */
    private static String item(@Nullable Object item) {
        String where = location(item);
        return where.isEmpty() ? words(item) : where + ": " + words(item);
    }

    private static String param(@Nullable Object said) {
        String param = JsonValues.text(said, "param");
        if (param.isEmpty() && JsonValues.field(said, "detail") instanceof List<?> list && !list.isEmpty()) {
            return location(list.getFirst());
        }
        return param;
    }

    private static String location(@Nullable Object item) {
        return JsonValues.field(item, "loc") instanceof List<?> path
                ? path.stream()
                        .map(String::valueOf)
                        .filter(step -> !step.equals("body"))
                        .collect(Collectors.joining("."))
                : "";
    }

    /** Return the words of a page: what is outside of tags, scripts and styles. */
    private static String page(String text) {
        StringBuilder words = new StringBuilder();
        int at = 0;
        while (at < text.length() && words.length() <= MAX_WORDS) {
            int tag = text.indexOf('<', at);
            int end = tag < 0 ? text.length() : tag;
            words.append(text, at, end).append(' ');
            if (tag < 0) {
                break;
            }
            at = afterTag(text, tag);
        }
        return words.toString();
    }

    private static int afterTag(String text, int tag) {
        for (String hidden : List.of("script", "style")) {
            if (text.regionMatches(true, tag + 1, hidden, 0, hidden.length())) {
                int close = text.toLowerCase(Locale.ROOT).indexOf("</" + hidden, tag);
                return close < 0 ? text.length() : afterTag(text, close);
            }
        }
        int close = text.indexOf('>', tag);
        return close < 0 ? text.length() : close + 1;
    }

    /** Put something short on one line. */
    static String shortened(String text) {
        return shortened(text, MAX_PAGE_WORDS);
    }

    /** Put text on one line of no more than some characters. */
    private static String shortened(String text, int most) {
        StringBuilder line = new StringBuilder();
        boolean space = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isWhitespace(c) || Character.isISOControl(c)) {
                space = !line.isEmpty();
                continue;
            }
            if (line.length() >= most) {
                return line.append('…').toString();
            }
            if (space) {
                line.append(' ');
                space = false;
            }
            line.append(c);
        }
        return line.toString();
    }

    /** Tell whether message, type or code contain one of some texts. */
    boolean says(String... texts) {
        String all = (words + ' ' + type + ' ' + code).toLowerCase(Locale.ROOT);
        for (String text : texts) {
            if (all.contains(text)) {
                return true;
            }
        }
        return false;
    }

    /** Return the code as an HTTP status of an error; 0 when it is none. */
    int status() {
        boolean isStatus = code.length() == 3
                && code.charAt(0) >= '4'
                && code.charAt(0) <= '5'
                && Character.isDigit(code.charAt(1))
                && Character.isDigit(code.charAt(2));
        return isStatus ? Integer.parseInt(code) : 0;
    }
}
