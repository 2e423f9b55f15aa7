package org.llmgine.http.internal;

import com.codahale.metrics.Counter;
import com.codahale.metrics.MetricFilter;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Counts requests and streams. Names carry their labels, as the metrics endpoint expects. */
@Component(service = HttpMetrics.class)
public final class HttpMetrics {
    private static final String PREFIX = "llmgine_http_";
    private static final Set<String> METHODS = Set.of("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH");
    private static final Set<String> PATHS = Set.of(
            "/v1/chat/completions",
            "/v1/models",
            "/api/engines",
            "/api/providers",
            "/api/tools",
            "/api/keys",
            "/api/login",
            "/api/events",
            "/api/dead-letters",
            "/api/dead-letters/retry",
            "/api/timers",
            "/api/audit",
            "/api/logs",
            "/api/sessions",
            "/health/live",
            "/health/ready",
            "/openapi.json",
            "/metrics");

    private static final List<String> WITH_IDS = List.of("/api/keys", "/api/dead-letters", "/api/timers");

    private final MetricRegistry registry;
    private final Counter openStreams;
    private final Timer firstEvent;

    @Activate
    public HttpMetrics(@Reference MetricRegistry registry) {
        this.registry = registry;
        openStreams = registry.counter(PREFIX + "streams_open");
        firstEvent = registry.timer(PREFIX + "first_event_seconds");
    }

    @Deactivate
    void deactivate() {
        registry.removeMatching(MetricFilter.startsWith(PREFIX));
    }

    void request(String method, String uri, int status, long nanos) {
        String labels = "method=\"" + (METHODS.contains(method) ? method : "other") + "\",path=\"" + path(uri) + "\"";
        registry.counter(PREFIX + "requests_total{" + labels + ",status=\"" + status + "\"}")
                .inc();
        registry.timer(PREFIX + "request_seconds{" + labels + "}").update(nanos, TimeUnit.NANOSECONDS);
    }

    OpenStream openStream() {
        return new OpenStream();
    }

    /** Few values, however odd the requests are. */
    private static String path(String uri) {
        if (PATHS.contains(uri)) {
            return uri;
        }
        if (uri.startsWith("/v1/models/")) {
            return "/v1/models";
        }
        if (uri.startsWith("/api/sessions/")) {
            return uri.endsWith("/stream")
                    ? "/api/sessions/turns/stream"
                    : uri.contains("/turns") ? "/api/sessions/turns" : "/api/sessions";
        }
        for (String path : WITH_IDS) {
            if (uri.startsWith(path + "/")) {
                return uri.endsWith("/retry") ? path + "/retry" : path;
            }
        }
        return "other";
    }

    /** Counts one stream while it is open. */
    final class OpenStream implements AutoCloseable {
        private final long begun = System.nanoTime();

        private OpenStream() {
            openStreams.inc();
        }

        void firstEvent() {
            firstEvent.update(System.nanoTime() - begun, TimeUnit.NANOSECONDS);
        }

        @Override
        public void close() {
            openStreams.dec();
        }
    }
}
