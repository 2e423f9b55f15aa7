package org.llmgine.observe.internal;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Histogram;
import com.codahale.metrics.Meter;
import com.codahale.metrics.Metric;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Snapshot;
import com.codahale.metrics.Timer;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.llmgine.api.Principal;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardServletPattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows every metric of the host's registry, for Prometheus. Needs the role viewer. */
@Component(service = Servlet.class)
@HttpWhiteboardServletPattern("/metrics")
public final class MetricsServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(MetricsServlet.class);

    /** The request attribute in which the HTTP gate says who calls. */
    private static final String PRINCIPAL = "org.llmgine.principal";

    private static final String OPEN_METRICS = "application/openmetrics-text";
    private static final String METHODS = "GET, HEAD, OPTIONS";
    private static final double NANOS = 1e9;

    private final transient MetricRegistry registry;

    @Activate
    public MetricsServlet(@Reference MetricRegistry registry) {
        this.registry = registry;
    }

    /** HttpServlet's own answers to other methods name none that works. */
    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        switch (request.getMethod()) {
            case "GET", "HEAD" -> super.service(request, response);
            case "OPTIONS" -> response.setHeader("Allow", METHODS);
            default -> {
                response.setHeader("Allow", METHODS);
                response.sendError(HttpServletResponse.SC_METHOD_NOT_ALLOWED);
            }
        }
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        boolean allowed =
                request.getAttribute(PRINCIPAL) instanceof Principal principal && principal.has(Principal.VIEWER);
        if (!allowed) {
            response.setStatus(HttpServletResponse.SC_FORBIDDEN);
            write(
                    response,
                    "application/problem+json",
                    "{\"type\":\"about:blank\",\"title\":\"Forbidden\",\"status\":403,\"code\":\"forbidden\","
                            + "\"detail\":\"The metrics need the role viewer.\"}");
            return;
        }
        String accept = request.getHeader("Accept");
        boolean openMetrics = accept != null && accept.contains(OPEN_METRICS);
        write(
                response,
                openMetrics
                        ? OPEN_METRICS + "; version=1.0.0; charset=utf-8"
                        : "text/plain; version=0.0.4; charset=utf-8",
                exposition().text(openMetrics));
    }

    private static void write(HttpServletResponse response, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        response.setContentType(type);
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }

    private Exposition exposition() {
        Exposition exposition = new Exposition();
        registry.getMetrics().forEach((name, metric) -> add(exposition, name, metric));
        JvmFigures.addTo(exposition);
        return exposition;
    }

    private static void add(Exposition exposition, String name, Metric metric) {
        switch (metric) {
            case Counter counter -> exposition.add(name, counter.getCount());
            case Meter meter -> exposition.add(name, meter.getCount());
            case Timer timer -> exposition.addSummary(name, quantiles(timer.getSnapshot(), NANOS), timer.getCount());
            case Histogram histogram ->
                exposition.addSummary(name, quantiles(histogram.getSnapshot(), 1), histogram.getCount());
            case Gauge<?> gauge -> addGauge(exposition, name, gauge);
            default -> {}
        }
    }

    /** A gauge is somebody's code: one that fails is left out. */
    private static void addGauge(Exposition exposition, String name, Gauge<?> gauge) {
        try {
            switch (gauge.getValue()) {
                case Number number -> exposition.add(name, number.doubleValue());
                case Boolean bool -> exposition.add(name, bool ? 1 : 0);
                case null, default -> {}
            }
        } catch (RuntimeException e) {
            LOG.debug("The gauge {} failed.", name, e);
        }
    }

    private static Map<String, Double> quantiles(Snapshot snapshot, double divisor) {
        Map<String, Double> quantiles = new LinkedHashMap<>();
        for (double quantile : new double[] {0.5, 0.9, 0.99}) {
            quantiles.put(Double.toString(quantile), snapshot.getValue(quantile) / divisor);
        }
        return quantiles;
    }
}
