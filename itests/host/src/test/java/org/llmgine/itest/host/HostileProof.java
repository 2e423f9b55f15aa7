package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
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
    private static final Duration ROUND = Duration.ofSeconds(12);
    private static final Duration AGAIN = Duration.ofSeconds(3);
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
            measure(host, List.of(NEIGHBOUR), ROUND.multipliedBy(4));
            for (String harm : List.of("throwing", "unlinked", "blocking")) {
                List<Double> ratios = new ArrayList<>();
                measure(host, List.of(harm), ROUND);
                for (int round = 0; round < ROUNDS; round++) {
                    boolean first = round % 2 == 0;
                    double before = first ? 0 : measure(host, List.of(harm), ROUND);
                    double calm = measure(host, List.of(NEIGHBOUR), ROUND);
                    double harmed = first ? measure(host, List.of(harm), ROUND) : before;
                    ratios.add(Math.log(harmed / calm));
                }
                Interval interval = Interval.of(ratios);
                // The last calm round may have outlasted the quarantine.
                measure(host, List.of(harm), AGAIN);
                String state =
                        host.api().instance("tools", harm).path("problem").asText();
                report.add(harm + ": ratio of the neighbour's p99, 95 % interval", interval.toString());
                checks.add(() -> {
                    assertThat(interval.low()).as("%s: %s", harm, interval).isLessThanOrEqualTo(1);
                    assertThat(interval.high()).as("%s: %s", harm, interval).isLessThan(MOST);
                    assertThat(state).as(harm).contains("left alone");
                });
            }
            double calm = measure(host, List.of(), ROUND);
            for (String harm : List.of("forking", "looping")) {
                ask(host, harm);
                report.add(
                        harm + ": the neighbour's p99 beside it, times", ratio(measure(host, List.of(), ROUND) / calm));
            }
            String figures =
                    host.api().json("/api/plugins/hostile").path("figures").toString();
            report.add(
                    "threads left behind, by name",
                    Api.parse(figures).path("leftBehind").toString());
            checks.add(() -> assertThat(figures).contains("llmgine-tool-hostile-"));
            ask(host, "hoarding");
            report.add("hoarding: the neighbour's p99 after it, times", ratio(measure(host, List.of(), ROUND) / calm));
            report.write();
            for (Executable check : checks) {
                check.run();
            }
        }
    }

    private interface Executable {
        void run();
    }

    private static String ratio(double value) {
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

    /** Ask the well-behaved tool at a steady pace, the others too, and return the former's p99 in milliseconds. */
    private static double measure(Host host, List<String> beside, Duration time) throws InterruptedException {
        List<Long> nanos = new CopyOnWriteArrayList<>();
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
        List<Long> sorted = nanos.stream().sorted().toList();
        return sorted.get((int) (0.99 * (sorted.size() - 1))) / (double) TimeUnit.MILLISECONDS.toNanos(1);
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
