package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The host on one processor, its clients and its back-end together on another. */
@Tag("proof")
final class UpstreamProof {
    private static final int WARM_UP_STEPS = 20;
    private static final int ROUNDS = 3;
    private static final int STREAMS_EACH = 4;
    private static final int MANY = 512;
    private static final int MORE = 1024;

    @Test
    void fiveHundredStreamsThroughTheProviderComeAsEvenlyAsFromTheBackEnd() throws Exception {
        pinThisProcess();
        try (PacedUpstream upstream = new PacedUpstream();
                Host host = Host.unpack("upstream")
                        .withoutCoverage()
                        .pinnedTo(1)
                        .withSettings("org.llmgine.provider.openai-paced", "baseUrl = " + upstream.uri() + "\n")
                        .start()) {
            PacedCrowd direct = new PacedCrowd(upstream.uri(), "", "paced");
            PacedCrowd through = new PacedCrowd(URI.create(host.uri() + "/v1"), Host.ADMIN_KEY, "openai~paced/paced");
            direct.run(MANY / 4, 2);
            List<Long> warmUp = warmUp(host, through);
            List<PacedCrowd.Seen> directs = new ArrayList<>();
            List<PacedCrowd.Seen> throughs = new ArrayList<>();
            List<Long> costs = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                directs.add(direct.run(MANY, STREAMS_EACH));
                Duration before = processorTime(host);
                throughs.add(through.run(MANY, STREAMS_EACH));
                costs.add(micros(processorTime(host).minus(before), MANY * STREAMS_EACH));
            }
            PacedCrowd.Seen more = through.run(MORE, STREAMS_EACH);

            List<Integer> surplus = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                surplus.add(throughs.get(round).gaps() - directs.get(round).gaps());
            }
            surplus.sort(null);
            new Report("upstream")
                    .add("streams of 64 deltas, 20 ms apart, at a time", MANY)
                    .add("whole, of " + MANY * STREAMS_EACH, each(throughs, PacedCrowd.Seen::whole))
                    .add("gaps over 200 ms from the back-end itself", each(directs, PacedCrowd.Seen::gaps))
                    .add("gaps over 200 ms through the host", each(throughs, PacedCrowd.Seen::gaps))
                    .add("more gaps than from the back-end itself, median (bar 0)", surplus.get(ROUNDS / 2))
                    .add("first delta, p50 (µs)", each(throughs, seen -> micros(seen, 0.5)))
                    .add("first delta, p99 (µs)", each(throughs, seen -> micros(seen, 0.99)))
                    .add("first delta from the back-end itself, p99 (µs)", each(directs, seen -> micros(seen, 0.99)))
                    .add("the same while it warms up, step by step (µs)", warmUp)
                    .add("the host's processor time for a delta (µs; 39 is all there is)", costs)
                    .add("with " + MORE + " at a time: whole, of " + MORE * STREAMS_EACH, more.whole())
                    .add("with " + MORE + " at a time: first delta, p99 (µs; aim 100000)", micros(more, 0.99))
                    .add("with " + MORE + " at a time: gaps over 200 ms", more.gaps())
                    .add("resident memory (MiB)", new Jvm(host.jvm()).residentBytes() / 1024 / 1024)
                    .write();
            assertThat(throughs).allMatch(seen -> seen.whole() == MANY * STREAMS_EACH);
            assertThat(surplus.get(ROUNDS / 2)).isNotPositive();
        }
    }

    /** Ask until the host needs no less for a delta any more: until three steps bring under 5 %. Returns each step's need in µs. */
    private static List<Long> warmUp(Host host, PacedCrowd through) throws Exception {
        List<Long> costs = new ArrayList<>();
        long best = Long.MAX_VALUE;
        for (int idle = 0; idle < 3 && costs.size() < WARM_UP_STEPS; idle++) {
            Duration before = processorTime(host);
            through.run(MANY / 2, STREAMS_EACH);
            long cost = micros(processorTime(host).minus(before), MANY / 2 * STREAMS_EACH);
            if (cost < best * 0.95) {
                best = cost;
                idle = -1;
            }
            costs.add(cost);
        }
        return costs;
    }

    private static long micros(Duration time, int streams) {
        return time.toNanos() / 1000 / (streams * PacedUpstream.DELTAS);
    }

    private static void pinThisProcess() throws IOException, InterruptedException {
        Process taskset = new ProcessBuilder(
                        "taskset",
                        "-acp",
                        "0",
                        Long.toString(ProcessHandle.current().pid()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(taskset.waitFor()).as("taskset").isZero();
    }

    private static Duration processorTime(Host host) {
        return host.jvm().info().totalCpuDuration().orElseThrow();
    }

    private static <T> List<T> each(List<PacedCrowd.Seen> rounds, Function<PacedCrowd.Seen, T> figure) {
        return rounds.stream().map(figure).toList();
    }

    private static long micros(PacedCrowd.Seen seen, double share) {
        return seen.first(share).toNanos() / 1000;
    }
}
