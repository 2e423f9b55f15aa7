package org.llmgine.observe.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Collects samples by family and writes them in Prometheus' text format 0.0.4 or as OpenMetrics 1.0.
 *
 * <p>A sample is named {@code family{label="value",…}}, its labels escaped already; a name that isn't formed so becomes a
 * plain family name, every odd character an underscore.
 */
final class Exposition {
    static final String COUNTER = "counter";
    static final String GAUGE = "gauge";
    static final String SUMMARY = "summary";

    private static final String TOTAL = "_total";
    private static final String LABEL = "[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\n]|\\\\[\\\\\"n])*\"";
    private static final Pattern NAME = Pattern.compile("([^{}]+)\\{(" + LABEL + "(?:," + LABEL + ")*)}");
    private static final Pattern ODD = Pattern.compile("[^a-zA-Z0-9_:]");

    private final Map<String, Family> families = new TreeMap<>();

    /** Add one sample of a counter, whose family ends with {@code _total}, or a gauge. */
    void add(String name, double value) {
        Sample sample = Sample.of(name);
        family(sample.family, sample.family.endsWith(TOTAL) ? COUNTER : GAUGE).add(sample.family, sample.labels, value);
    }

    /** Add a summary with its quantiles. */
    void addSummary(String name, Map<String, Double> quantiles, long count) {
        Sample sample = Sample.of(name);
        Family family = family(sample.family, SUMMARY);
        quantiles.forEach((quantile, value) ->
                family.add(sample.family, join(sample.labels, "quantile=\"" + quantile + "\""), value));
        family.add(sample.family + "_count", sample.labels, count);
    }

    String text(boolean openMetrics) {
        StringBuilder out = new StringBuilder();
        families.forEach((name, family) -> {
            boolean shorten = openMetrics && family.type.equals(COUNTER);
            out.append("# TYPE ")
                    .append(shorten ? name.substring(0, name.length() - TOTAL.length()) : name)
                    .append(' ')
                    .append(family.type)
                    .append('\n');
            family.lines.forEach(line -> out.append(line).append('\n'));
        });
        if (openMetrics) {
            out.append("# EOF\n");
        }
        return out.toString();
    }

    /** Escape a label's value. */
    static String escape(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    private Family family(String name, String type) {
        return families.computeIfAbsent(name, any -> new Family(type));
    }

    private static String join(String labels, String more) {
        return labels.isEmpty() ? more : labels + "," + more;
    }

    private static String number(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    /** A name taken apart. */
    private record Sample(String family, String labels) {
        static Sample of(String name) {
            Matcher matcher = NAME.matcher(name);
            return matcher.matches()
                    ? new Sample(plain(matcher.group(1)), matcher.group(2))
                    : new Sample(plain(name), "");
        }

        private static String plain(String name) {
            String plain = ODD.matcher(name).replaceAll("_");
            return Character.isDigit(plain.charAt(0)) ? "_" + plain : plain;
        }
    }

    /** All samples of one family. */
    private static final class Family {
        private final String type;
        private final List<String> lines = new ArrayList<>();

        Family(String type) {
            this.type = type;
        }

        void add(String name, String labels, double value) {
            lines.add((labels.isEmpty() ? name : name + "{" + labels + "}") + " " + number(value));
        }
    }
}
