package org.llmgine.observe.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExpositionTest {
    private final Exposition exposition = new Exposition();

    @Test
    void samplesOfAFamilyStandTogetherUnderOneType() {
        exposition.add("b_total{x=\"1\"}", 1);
        exposition.add("a", 2.5);
        exposition.add("b_total{x=\"2\",y=\"z\"}", 3);

        assertThat(exposition.text(false)).isEqualTo("""
                        # TYPE a gauge
                        a 2.5
                        # TYPE b_total counter
                        b_total{x="1"} 1
                        b_total{x="2",y="z"} 3
                        """);
    }

    @Test
    void openMetricsNamesCountersWithoutTotalAndEndsWithEof() {
        exposition.add("b_total{x=\"1\"}", 1);

        assertThat(exposition.text(true)).isEqualTo("""
                        # TYPE b counter
                        b_total{x="1"} 1
                        # EOF
                        """);
    }

    @Test
    void aSummaryHasItsQuantilesAndCount() {
        Map<String, Double> quantiles = new LinkedHashMap<>();
        quantiles.put("0.5", 0.25);
        quantiles.put("0.99", 1e16);
        exposition.addSummary("t_seconds{m=\"GET\"}", quantiles, 7);
        exposition.addSummary("u_seconds", Map.of("0.5", 1.0), 1);

        assertThat(exposition.text(false)).isEqualTo("""
                        # TYPE t_seconds summary
                        t_seconds{m="GET",quantile="0.5"} 0.25
                        t_seconds{m="GET",quantile="0.99"} 1.0E16
                        t_seconds_count{m="GET"} 7
                        # TYPE u_seconds summary
                        u_seconds{quantile="0.5"} 1
                        u_seconds_count 1
                        """);
    }

    @Test
    void escapedLabelsAreKeptAndOddNamesMadePlain() {
        exposition.add("ok{a=\"" + Exposition.escape("q\" b\\ n\n") + "\"}", 1);
        exposition.add("odd.name{broken}", 1);
        exposition.add("5xx", 1);

        assertThat(exposition.text(false))
                .contains("ok{a=\"q\\\" b\\\\ n\\n\"} 1\n")
                .contains("odd_name_broken_ 1\n")
                .contains("_5xx 1\n");
    }

    @Test
    void valuesThatAreNoNumbersHaveTheirWords() {
        exposition.add("nan", Double.NaN);
        exposition.add("plus", Double.POSITIVE_INFINITY);
        exposition.add("minus", Double.NEGATIVE_INFINITY);

        assertThat(exposition.text(false)).contains("nan NaN\n", "plus +Inf\n", "minus -Inf\n");
    }
}
