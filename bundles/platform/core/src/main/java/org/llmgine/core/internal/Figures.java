package org.llmgine.core.internal;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.LockFreeExponentiallyDecayingReservoir;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Snapshot;
import com.codahale.metrics.Timer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts and times the calls of one instance, whatever version serves them. */
final class Figures {
    private static final double NANOS_PER_MILLI = 1e6;

    private final MetricRegistry metrics;
    private final String labels;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Counter calls;
    private final Counter errors;
    private final Timer durations;
    private final Timer firstEvents;

    Figures(MetricRegistry metrics, String kind, String plugin, String instance) {
        this.metrics = metrics;
        this.labels =
                "{kind=\"" + label(kind) + "\",plugin=\"" + label(plugin) + "\",instance=\"" + label(instance) + "\"}";
        calls = metrics.counter("llmgine_plugin_calls_total" + labels);
        errors = metrics.counter("llmgine_plugin_errors_total" + labels);
        durations = timer(metrics, "llmgine_plugin_call_seconds" + labels);
        firstEvents = timer(metrics, "llmgine_plugin_first_event_seconds" + labels);
        Gauge<Integer> gauge = inFlight::get;
        metrics.gauge("llmgine_plugin_in_flight" + labels, () -> gauge);
    }

    /** Make a timer whose updates take no lock. */
    private static Timer timer(MetricRegistry metrics, String name) {
        return metrics.timer(
                name,
                () -> new Timer(LockFreeExponentiallyDecayingReservoir.builder().build()));
    }

    void begun() {
        calls.inc();
        inFlight.incrementAndGet();
    }

    void failed() {
        errors.inc();
    }

    void firstEvent(long nanos) {
        firstEvents.update(nanos, TimeUnit.NANOSECONDS);
    }

    void ended(long nanos) {
        inFlight.decrementAndGet();
        durations.update(nanos, TimeUnit.NANOSECONDS);
    }

    Map<String, Number> values() {
        Snapshot times = durations.getSnapshot();
        Map<String, Number> values = new LinkedHashMap<>();
        values.put("calls", calls.getCount());
        values.put("errors", errors.getCount());
        values.put("p50Ms", times.getMedian() / NANOS_PER_MILLI);
        values.put("p99Ms", times.get99thPercentile() / NANOS_PER_MILLI);
        return values;
    }

    void remove() {
        metrics.removeMatching((name, metric) -> name.startsWith("llmgine_plugin_") && name.endsWith(labels));
    }

    /** Escape a label's value as the Prometheus text format wants it. */
    static String label(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
