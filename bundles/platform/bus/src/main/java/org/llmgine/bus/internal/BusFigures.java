package org.llmgine.bus.internal;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.LockFreeExponentiallyDecayingReservoir;
import com.codahale.metrics.MetricFilter;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Counts and times what the bus does. Names carry their labels, as the metrics endpoint expects. */
final class BusFigures {
    private static final String PREFIX = "llmgine_bus_";
    /** Of so many events one is timed: a timer costs more than a listener's call. */
    private static final int TIMED = 16;

    private final MetricRegistry registry;
    private final Counter published;
    private final Counter unheard;
    private final Counter filtered;
    private final Counter dropped;
    private final Counter rejected;
    private final Counter calls;
    private final Counter failures;
    private final Counter leftBehind;
    private final Counter highWaterHits;
    private final Counter deadLettered;
    private final Timer events;
    private final Map<Class<?>, CommandFigures> commands = new ConcurrentHashMap<>();

    /** What is counted of one type of command. */
    record CommandFigures(Counter sent, Counter failed, Timer durations) {}

    BusFigures(MetricRegistry registry) {
        this.registry = registry;
        published = registry.counter(PREFIX + "events_published_total");
        unheard = registry.counter(PREFIX + "events_unheard_total");
        filtered = registry.counter(PREFIX + "events_filtered_total");
        dropped = registry.counter(PREFIX + "events_dropped_total");
        rejected = registry.counter(PREFIX + "events_rejected_total");
        calls = registry.counter(PREFIX + "events_processed_total");
        failures = registry.counter(PREFIX + "events_failed_total");
        leftBehind = registry.counter(PREFIX + "listeners_left_behind_total");
        highWaterHits = registry.counter(PREFIX + "high_water_mark_hits_total");
        deadLettered = registry.counter(PREFIX + "dead_lettered_total");
        events = timer(PREFIX + "event_processing_duration_seconds");
    }

    private Timer timer(String name) {
        return registry.timer(
                name,
                () -> new Timer(LockFreeExponentiallyDecayingReservoir.builder().build()));
    }

    <T> void gauge(String name, Gauge<T> gauge) {
        registry.gauge(PREFIX + name, () -> gauge);
    }

    void published() {
        published.inc();
    }

    void unheard() {
        unheard.inc();
    }

    void filtered() {
        filtered.inc();
    }

    void dropped() {
        dropped.inc();
    }

    void rejected() {
        rejected.inc();
    }

    void leftBehind() {
        leftBehind.inc();
    }

    void pressed() {
        highWaterHits.inc();
    }

    void deadLettered() {
        deadLettered.inc();
    }

    void failed() {
        failures.inc();
    }

    boolean timesThis() {
        return ThreadLocalRandom.current().nextInt(TIMED) == 0;
    }

    void called() {
        calls.inc();
    }

    void timed(long nanos) {
        events.update(nanos, TimeUnit.NANOSECONDS);
    }

    CommandFigures command(Class<?> type) {
        CommandFigures known = commands.get(type);
        return known != null ? known : commands.computeIfAbsent(type, this::figures);
    }

    private CommandFigures figures(Class<?> type) {
        String labels = "{type=\"" + TypeInfo.of(type).name() + "\"}";
        return new CommandFigures(
                registry.counter(PREFIX + "commands_sent_total" + labels),
                registry.counter(PREFIX + "commands_failed_total" + labels),
                timer(PREFIX + "command_processing_duration_seconds" + labels));
    }

    /** Hold no class of a bundle that has gone. */
    void forgetTypes() {
        commands.clear();
    }

    void close() {
        registry.removeMatching(MetricFilter.startsWith(PREFIX));
    }
}
