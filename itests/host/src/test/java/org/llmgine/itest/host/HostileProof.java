package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a hostile plugin costs a well-behaved one beside it, against another well-behaved one that is called as often: what is
 * measured is the harm, and not that two are more work than one.
 */
@Tag("proof")
final class HostileProof {
    private static final int ROUNDS = 10;
    /** How often a round changes between the two: a machine that is slow for some seconds is slow for both. */
    private static final int SLICES = 12;

    private static final Duration SLICE = Duration.ofSeconds(2);
    private static final Duration LONG = Duration.ofSeconds(15);
    /** How often the well-behaved tool is measured alone. */
    private static final int ALONE = 5;

    private static final Duration PACE = Duration.ofMillis(10);
    /** Of Student's distribution with nine degrees of freedom, for 95 %. */
    private static final double T9 = 2.262;

    private static final double MOST = 1.25;
    private static final String NEIGHBOUR = "stamp";

    @Test
    @Timeout(3600)
    void whoThrowsOrBlocksIsQuarantinedAndHisNeighbourDoesNotNotice() throws Exception {
        try (Host host = start("hostile")) {
            Report report = new Report("hostile");
            List<Executable> checks = new ArrayList<>();
            measure(host, List.of(NEIGHBOUR), LONG.multipliedBy(4));
            for (String harm : List.of("throwing", "unlinked", "blocking")) {
                measure(host, List.of(harm), LONG);
                List<Round> rounds = new ArrayList<>();
                for (int round = 0; round < ROUNDS; round++) {
                    rounds.add(round(host, harm));
                }
                Interval interval =
                        Interval.of(rounds.stream().map(Round::ratio).toList());
                // The last calm slice may have outlasted the quarantine.
                measure(host, List.of(harm), SLICE);
                String state =
                        host.api().instance("tools", harm).path("problem").asText();
                report.add(harm + ": the neighbour's p99, ms, median", median(rounds, Round::harmed));
                report.add(harm + ": and beside another neighbour", median(rounds, Round::calm));
                report.add(harm + ": ratio of the two, 95 % interval", interval.toString());
                checks.add(() -> {
                    assertThat(interval.low()).as("%s: %s", harm, interval).isLessThanOrEqualTo(1);
                    assertThat(interval.high()).as("%s: %s", harm, interval).isLessThan(MOST);
                    assertThat(state).as(harm).contains("left alone");
                });
            }
            double calm = alone(host);
            for (String harm : List.of("forking", "looping")) {
                ask(host, harm);
                report.add(harm + ": the neighbour's p99 beside it, times", figure(alone(host) / calm));
            }
            String figures =
                    host.api().json("/api/plugins/hostile").path("figures").toString();
            report.add(
                    "threads left behind, by name",
                    Api.parse(figures).path("leftBehind").toString());
            checks.add(() -> assertThat(figures).contains("llmgine-tool-hostile-"));
            ask(host, "hoarding");
            report.add("hoarding: the neighbour's p99 after it, times", figure(alone(host) / calm));
            report.write();
            for (Executable check : checks) {
                check.run();
            }
        }
    }

    private interface Executable {
        void run();
    }

    /** The well-behaved tool's p99 in milliseconds, beside a hostile one and beside another well-behaved one. */
    private record Round(double harmed, double calm) {
        double ratio() {
            return Math.log(harmed / calm);
        }
    }

    private static Round round(Host host, String harm) {
        List<Long> harmed = new ArrayList<>();
        List<Long> calm = new ArrayList<>();
        for (int slice = 0; slice < SLICES; slice++) {
            boolean first = slice % 2 == 0;
            if (first) {
                harmed.addAll(measure(host, List.of(harm), SLICE));
            }
            calm.addAll(measure(host, List.of(NEIGHBOUR), SLICE));
            if (!first) {
                harmed.addAll(measure(host, List.of(harm), SLICE));
            }
        }
        return new Round(p99(harmed), p99(calm));
    }

    /** The well-behaved tool's p99 in milliseconds when nobody else is asked, the median of several. */
    private static double alone(Host host) {
        List<Double> times = new ArrayList<>();
        for (int i = 0; i < ALONE; i++) {
            times.add(p99(measure(host, List.of(), LONG)));
        }
        return median(times);
    }

    private static String median(List<Round> rounds, ToDoubleFunction<Round> of) {
        return figure(median(rounds.stream().mapToDouble(of).boxed().toList()));
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private static double p99(List<Long> nanos) {
        List<Long> sorted = nanos.stream().sorted().toList();
        return sorted.get((int) (0.99 * (sorted.size() - 1))) / (double) TimeUnit.MILLISECONDS.toNanos(1);
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    private static Host start(String name) throws Exception {
        Host host = SharedHost.unpackWithTestPlugins(name)
                .withoutCoverage()
                .withPlugin(Fixtures.hostileTools())
                .withSettings(
                        "org.llmgine.core", "toolTimeoutMs = 1000\ndefaultModel = " + SharedHost.DEFAULT_MODEL + "\n")
                .start();
        SharedHost.awaitModel(host);
        Until.holds(
                Duration.ofSeconds(30),
                () -> "the tools are not there",
                () -> !host.api().instance("tools", "hoarding").isMissingNode());
        return host;
    }

    private static ChatStream.Answer ask(Host host, String tool) {
        return host.api().ask("engine/tool-chat", "tool-" + tool + "+result");
    }

    /** Ask the well-behaved tool at a steady pace, the others too, and return how long the former took, in nanoseconds. */
    private static List<Long> measure(Host host, List<String> beside, Duration time) {
        Queue<Long> nanos = new ConcurrentLinkedQueue<>();
        AtomicInteger failed = new AtomicInteger();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            long begin = System.nanoTime();
            for (int i = 0; System.nanoTime() - begin < time.toNanos(); i++) {
                clients.execute(() -> {
                    long asked = System.nanoTime();
                    boolean right = ask(host, NEIGHBOUR).text().startsWith("stamp ");
                    nanos.add(System.nanoTime() - asked);
                    failed.addAndGet(right ? 0 : 1);
                });
                for (String harm : beside) {
                    clients.execute(() -> ask(host, harm));
                }
                LockSupport.parkNanos(begin + PACE.toNanos() * (i + 1) - System.nanoTime());
            }
        }
        assertThat(failed).as("answers of the well-behaved tool").hasValue(0);
        return List.copyOf(nanos);
    }

    /** Where a ratio lies with a likelihood of 95 %, by the logarithms of ten measured ones. */
    private record Interval(double low, double high) {
        static Interval of(List<Double> logarithms) {
            double mean = logarithms.stream().mapToDouble(x -> x).average().orElseThrow();
            double variance = logarithms.stream()
                            .mapToDouble(x -> (x - mean) * (x - mean))
                            .sum()
                    / (logarithms.size() - 1);
            double half = T9 * Math.sqrt(variance / logarithms.size());
            return new Interval(Math.exp(mean - half), Math.exp(mean + half));
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%.3f to %.3f", low, high);
        }
    }
}
