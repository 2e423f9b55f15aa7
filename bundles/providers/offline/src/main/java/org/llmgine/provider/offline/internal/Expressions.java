package org.llmgine.provider.offline.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds arithmetic in a text. */
final class Expressions {
    private static final int MAX_DEPTH = 20;
    private static final String NUMBER = "\\d+(?:\\.\\d+)?";
    private static final Pattern DATE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");
    private static final Pattern BEGIN =
            Pattern.compile("(?<![\\w.])(?=[\\d(-]|(?:sqrt|abs|min|max|round|floor|ceil)\\()");
    private static final Pattern TOKEN = Pattern.compile("\\s*(?:(?<number>" + NUMBER + ")"
            + "|(?<open>(?:sqrt|abs|min|max|round|floor|ceil)?\\()|(?<close>\\))|(?<comma>,)"
            + "|(?<operator>\\*\\*|[-+*/%^×·÷−]|[xX](?=\\s*[\\d(])))");

    private Expressions() {}

    /** Return the sums in a text, in order, with operators that every calculator knows. */
    static List<String> in(String text) {
        String line = DATE.matcher(text)
                .replaceAll(" ; ")
                .replaceAll("(?i) (?:times|multiplied by) (?=[\\d(])", " * ")
                .replaceAll("(?i) divided by (?=[\\d(])", " / ")
                .replaceAll("(?i) plus (?=[\\d(])", " + ")
                .replaceAll("(?i) minus (?=[\\d(])", " - ")
                .replaceAll("(" + NUMBER + ") ?% of (?=[\\d(])", "$1/100*");
        List<String> found = new ArrayList<>();
        Matcher begin = BEGIN.matcher(line);
        Matcher token = TOKEN.matcher(line);
        int from = 0;
        while (begin.find(from)) {
            int end = read(token, begin.start(), line.length());
            if (end < 0) {
                from = begin.start() + 1;
            } else {
                found.add(normal(line.substring(begin.start(), end)));
                from = end;
            }
            if (from > line.length()) {
                break;
            }
        }
        return found;
    }

    /** Return where the longest whole expression that has an operation ends, or -1. */
    private static int read(Matcher token, int begin, int length) {
        int end = -1;
        int depth = 0;
        int operations = 0;
        boolean operandExpected = true;
        boolean signed = false;
        for (int at = begin; token.region(at, length).lookingAt(); at = token.end()) {
            boolean sign = false;
            if (token.group("number") != null || token.group("open") != null) {
                if (!operandExpected || depth > MAX_DEPTH) {
                    return end;
                }
                if (token.group("number") == null) {
                    depth++;
                    operations += token.group("open").length() > 1 ? 1 : 0;
                } else {
                    operandExpected = false;
                }
            } else if (token.group("close") != null) {
                if (operandExpected || depth-- == 0) {
                    return end;
                }
            } else if (operandExpected) {
                sign = !signed && token.group().endsWith("-");
                if (!sign) {
                    return end;
                }
            } else {
                if (token.group("comma") != null && depth == 0) {
                    return end;
                }
                operations += token.group("operator") != null ? 1 : 0;
                operandExpected = true;
            }
            signed = sign;
            if (!operandExpected && depth == 0 && operations > 0) {
                end = token.end();
            }
        }
        return end;
    }

    private static String normal(String expression) {
        return expression
                .strip()
                .replace('×', '*')
                .replace('·', '*')
                .replaceAll("(?<=[\\d) ])[xX]", "*")
                .replace('÷', '/')
                .replace('−', '-');
    }
}
