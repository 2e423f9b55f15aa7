package org.llmgine.core.internal;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.LockFreeExponentiallyDecayingReservoir;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Counts and times the calls of one instance, whatever version serves them, and counts those that one version serves. */
final class Figures {
    private static final double NANOS_PER_MILLI = 1e6;

    private final MetricRegistry metrics;
    private final String labels;
    private final AtomicInteger inFlight;
    private final LongAdder versionCalls = new LongAdder();
    private final LongAdder versionErrors = new LongAdder();
    private final Counter calls;
    private final Counter errors;
    private final Timer durations;
    private final Timer firstEvents;

    Figures(MetricRegistry metrics, String kind, String plugin, String instance) {
        this.metrics = metrics;
        this.labels =
                "{kind=\"" + label(kind) + "\",plugin=\"" + label(plugin) + "\",instance=\"" + label(instance) + "\"}";
        inFlight = new AtomicInteger();
        calls = metrics.counter("llmgine_plugin_calls_total" + labels);
        errors = metrics.counter("llmgine_plugin_errors_total" + labels);
        durations = timer(metrics, "llmgine_plugin_call_seconds" + labels);
        firstEvents = timer(metrics, "llmgine_plugin_first_event_seconds" + labels);
        Gauge<Integer> gauge = inFlight::get;
        metrics.gauge("llmgine_plugin_in_flight" + labels, () -> gauge);
    }

    private Figures(Figures shared) {
        metrics = shared.metrics;
        labels = shared.labels;
        inFlight = shared.inFlight;
        calls = shared.calls;
        errors = shared.errors;
        durations = shared.durations;
        firstEvents = shared.firstEvents;
    }

    /** Count on for the same instance, and for another version of it from zero. */
    Figures forVersion() {
        return new Figures(this);
    }

    long versionCalls() {
        return versionCalls.sum();
    }

    long versionErrors() {
        return versionErrors.sum();
    }

    /** Make a timer whose updates take no lock. */
    private static Timer timer(MetricRegistry metrics, String name) {
        return metrics.timer(
                name,
                () -> new Timer(LockFreeExponentiallyDecayingReservoir.builder().build()));
    }

    void begun() {
        calls.inc();
        versionCalls.increment();
        inFlight.incrementAndGet();
    }

    void failed() {
        errors.inc();
        versionErrors.increment();
    }

    void firstEvent(long nanos) {
        firstEvents.update(nanos, TimeUnit.NANOSECONDS);
    }

    void ended(long nanos) {
        inFlight.decrementAndGet();
        durations.update(nanos, TimeUnit.NANOSECONDS);
    }

    double medianMs() {
        return durations.getSnapshot().getMedian() / NANOS_PER_MILLI;
    }

    double p99Ms() {
        return durations.getSnapshot().get99thPercentile() / NANOS_PER_MILLI;
    }

    Map<String, Number> values() {
        Map<String, Number> values = new LinkedHashMap<>();
        values.put("calls", calls.getCount());
        values.put("errors", errors.getCount());
        values.put("p50Ms", medianMs());
        values.put("p99Ms", p99Ms());
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
