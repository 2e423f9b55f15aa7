package org.llmgine.itest.host;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * A host whose bus has calm sessions, which beat, and others whose listeners throw, hang and flood and come and go with their
 * bundle.
 */
final class Chaos implements AutoCloseable {
    private static final Duration BETWEEN_CHANGES = Duration.ofSeconds(2);
    private static final Duration SETTLED = Duration.ofSeconds(60);

    private final Host host;
    private int changes;

    /**
     * How the calm sessions fare.
     *
     * @param beats how often they beat, all together
     * @param faults what was lost, failed or out of order
     * @param slowestMs the slowest beat since the last report
     * @param ticks how many events the other sessions got
     */
    record Fare(long beats, long faults, long slowestMs, long ticks) {}

    Chaos(String name) throws IOException, InterruptedException {
        host = SharedHost.unpackWithTestPlugins(name)
                .withoutCoverage()
                .withPlugin(Fixtures.busDriver())
                .withSettings("org.llmgine.bus", """
                        listenerTimeoutMs = 1000
                        drainTimeoutMs = 1500
                        blockTimeoutMs = 200
                        queueCapacity = 1000
                        """)
                .start();
        SharedHost.awaitModel(host);
    }

    Host host() {
        return host;
    }

    Fare fare() {
        String text =
                host.api().ask("engine/tool-chat", "tool-busreport+result").text();
        long[] numbers = Arrays.stream(text.strip().split(" "))
                .mapToLong(Long::parseLong)
                .toArray();
        return new Fare(numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    int changes() {
        return changes;
    }

    /** Let the bundle of chaos come, change and go until the time is over; at the end it is gone, and the bus is calm. */
    void run(Duration time) throws IOException {
        Path one = Fixtures.chaosListener();
        Path two = Fixtures.asVersion(one, "2.0.0");
        long deadline = System.nanoTime() + time.toNanos();
        try (Shell shell = host.shell()) {
            while (System.nanoTime() < deadline) {
                long bundle = shell.install(one);
                pause();
                shell.run("bundle:update " + bundle + " " + two.toUri());
                pause();
                shell.run("bundle:stop " + bundle);
                shell.run("bundle:start " + bundle);
                pause();
                shell.run("bundle:uninstall " + bundle);
                changes += 5;
            }
        }
        Until.holds(
                SETTLED,
                () -> "events wait still",
                () -> host.api().get("/metrics").body().lines().anyMatch("llmgine_bus_queue_size 0"::equals));
    }

    private static void pause() {
        LockSupport.parkNanos(BETWEEN_CHANGES.toNanos());
    }

    @Override
    public void close() {
        host.close();
    }
}
