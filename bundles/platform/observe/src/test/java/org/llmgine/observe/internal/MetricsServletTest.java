package org.llmgine.observe.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import jakarta.servlet.DispatcherType;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.llmgine.api.Principal;

class MetricsServletTest {
    private final MetricRegistry registry = new MetricRegistry();
    private final Server server = new Server();
    private final HttpClient client = HttpClient.newHttpClient();
    private volatile Principal caller = new Principal("watcher", Set.of(Principal.VIEWER));

    @BeforeEach
    void start() throws Exception {
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler("/");
        context.addServlet(new ServletHolder(new MetricsServlet(registry)), "/metrics");
        context.addFilter(
                (request, response, chain) -> {
                    request.setAttribute("org.llmgine.principal", caller);
                    chain.doFilter(request, response);
                },
                "/*",
                EnumSet.of(DispatcherType.REQUEST));
        server.setHandler(context);
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        server.stop();
    }

    @Test
    void everyKindOfMetricIsShown() throws Exception {
        registry.counter("made_total{a=\"b\"}").inc(3);
        registry.counter("open").inc(2);
        registry.meter("marks_total").mark(4);
        registry.histogram("sizes").update(10);
        registry.timer("took_seconds").update(250, TimeUnit.MILLISECONDS);
        registry.gauge("number", () -> () -> 1.5);
        registry.gauge("flag", () -> () -> true);
        registry.gauge("words", () -> () -> "no number");
        registry.gauge("broken", () -> (Gauge<Integer>) () -> {
            throw new IllegalStateException("on purpose");
        });

        HttpResponse<String> response = get("*/*");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/plain; version=0.0.4; charset=utf-8");
        assertThat(response.body())
                .contains("# TYPE made_total counter\nmade_total{a=\"b\"} 3\n")
                .contains("# TYPE open gauge\nopen 2\n")
                .contains("marks_total 4\n")
                .contains("sizes{quantile=\"0.5\"} 10\n", "sizes_count 1\n")
                .contains("took_seconds{quantile=\"0.99\"} 0.25\n", "took_seconds_count 1\n")
                .contains("number 1.5\n", "flag 1\n")
                .doesNotContain("words", "broken");
    }

    @Test
    void theJvmsFiguresAreThere() throws Exception {
        assertThat(get("*/*").body())
                .containsPattern("jvm_memory_used_bytes\\{area=\"heap\"} [1-9]\\d+\n")
                .containsPattern("jvm_threads [1-9]\\d*\n")
                .containsPattern(
                        "# TYPE jvm_gc_collections_total counter\njvm_gc_collections_total\\{gc=\"[^\"]+\"} \\d+\n")
                .containsPattern("jvm_classes_loaded [1-9]\\d+\n")
                .containsPattern("jvm_open_files [1-9]\\d*\n")
                .containsPattern("jvm_cpu_seconds_total [0-9.]+\n");
    }

    @Test
    void openMetricsIsWrittenForWhoAsksForIt() throws Exception {
        registry.counter("made_total").inc();

        HttpResponse<String> response = get("application/openmetrics-text; version=1.0.0,text/plain;q=0.5");

        assertThat(response.headers().firstValue("Content-Type").orElseThrow())
                .startsWith("application/openmetrics-text; version=1.0.0");
        assertThat(response.body())
                .contains("# TYPE made counter\nmade_total 1\n")
                .endsWith("# EOF\n");
    }

    @Test
    void aCallerWithoutTheRoleIsRefused() throws Exception {
        caller = Principal.ANONYMOUS;

        HttpResponse<String> response = get("*/*");

        assertThat(response.statusCode()).isEqualTo(403);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(response.body()).contains("viewer").doesNotContain("jvm_");
    }

    @ParameterizedTest
    @CsvSource({"POST,405", "DELETE,405", "FOO,405", "OPTIONS,200", "HEAD,200"})
    void onlyReadingIsAllowed(String method, int status) throws Exception {
        URI uri = server.getURI().resolve("/metrics");
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(uri)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).doesNotContain("jvm_");
        if (!method.equals("HEAD")) {
            assertThat(response.headers().firstValue("Allow")).hasValue("GET, HEAD, OPTIONS");
        }
    }

    private HttpResponse<String> get(String accept) throws Exception {
        URI uri = server.getURI().resolve("/metrics");
        return client.send(
                HttpRequest.newBuilder(uri).header("Accept", accept).build(), HttpResponse.BodyHandlers.ofString());
    }
}
