package org.llmgine.http.internal;

import com.codahale.metrics.MetricRegistry;
import jakarta.servlet.Filter;
import jakarta.servlet.Servlet;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.service.servlet.context.ServletContextHelper;

/** Felix with its Jetty, in this process, with our filter and servlet on its whiteboard: tests speak real HTTP. */
final class Host implements AutoCloseable {
    final FakeCommands commands = new FakeCommands();
    final ManualTimer timer = new ManualTimer();
    final MetricRegistry registry = new MetricRegistry();
    final HttpSettings settings;
    final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    final Readiness readiness;
    private final HttpMetrics metrics;
    final Connections connections;
    private final Framework framework;
    final int port;

    Host() throws Exception {
        this(Map.of(), Map.of());
    }

    /** The gate has patience with who sends a body that is refused: a slow machine may pause him. */
    Host(Map<String, Object> changes, Map<String, String> jetty) throws Exception {
        this(changes, jetty, Duration.ofSeconds(30), Duration.ofSeconds(60));
    }

    Host(Map<String, Object> changes, Map<String, String> jetty, Duration unreadPause, Duration unreadLimit)
            throws Exception {
        settings = new HttpSettings(config(changes));
        Path storage = Files.createTempDirectory(Path.of("target"), "felix");
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Map<String, String> properties = new HashMap<>();
        properties.put(Constants.FRAMEWORK_STORAGE, storage.toString());
        properties.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, EXTRA_PACKAGES + "," + jettyPackages());
        properties.put(Constants.FRAMEWORK_SYSTEMCAPABILITIES_EXTRA, EXTRA_CAPABILITIES);
        properties.put("org.osgi.service.http.port", Integer.toString(port));
        properties.put("org.apache.felix.http.host", "127.0.0.1");
        properties.put("org.apache.felix.http.jetty.virtualthreads.enable", "true");
        properties.put("org.eclipse.jetty.UriComplianceMode", "LEGACY");
        properties.putAll(jetty);
        framework = ServiceLoader.load(FrameworkFactory.class)
                .findFirst()
                .orElseThrow()
                .newFramework(properties);
        framework.start();
        BundleContext context = framework.getBundleContext();
        for (String name : List.of("org.apache.felix.http.jetty12", "commons-fileupload", "commons-io")) {
            install(context, name);
        }
        for (Bundle bundle : context.getBundles()) {
            if (bundle != framework) {
                bundle.start();
            }
        }
        metrics = new HttpMetrics(registry);
        connections = new Connections(settings, timer);
        GateFilter gate = new GateFilter(commands, settings, metrics, connections, unreadPause, unreadLimit);
        readiness = new Readiness(new FakeHealthCheckExecutor(context));
        context.registerService(
                ServletContextHelper.class,
                new RestContext(),
                properties(
                        "osgi.http.whiteboard.context.name", RestContext.NAME,
                        "osgi.http.whiteboard.context.path", "/",
                        "service.ranking", Integer.MIN_VALUE));
        context.registerService(
                Filter.class,
                gate,
                properties(
                        "osgi.http.whiteboard.filter.pattern", "/*",
                        "osgi.http.whiteboard.filter.asyncSupported", true,
                        "osgi.http.whiteboard.context.select", "(osgi.http.whiteboard.context.name=*)"));
        context.registerService(
                Servlet.class,
                new RestServlet(commands, timer, settings, metrics, readiness),
                properties(
                        "osgi.http.whiteboard.servlet.pattern",
                        "/*",
                        "osgi.http.whiteboard.servlet.asyncSupported",
                        true,
                        "osgi.http.whiteboard.context.select",
                        "(osgi.http.whiteboard.context.name=" + RestContext.NAME + ")"));
    }

    static Dictionary<String, Object> properties(Object... pairs) {
        Dictionary<String, Object> result = new Hashtable<>();
        for (int i = 0; i < pairs.length; i += 2) {
            result.put((String) pairs[i], pairs[i + 1]);
        }
        return result;
    }

    /** Jetty's packages, from the class path: our code and Felix's bundle must see the same classes. */
    private static String jettyPackages() throws IOException {
        Set<String> packages = new TreeSet<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!Path.of(entry).getFileName().toString().startsWith("jetty-")) {
                continue;
            }
            try (JarFile jar = new JarFile(entry)) {
                jar.stream()
                        .map(JarEntry::getName)
                        .filter(name -> name.startsWith("org/eclipse/jetty/") && name.endsWith(".class"))
                        .map(name -> name.substring(0, name.lastIndexOf('/')).replace('/', '.'))
                        .map(name -> name + ";version=" + (name.endsWith(".internal") ? "1.1" : "12.0.32"))
                        .forEach(packages::add);
            }
        }
        return String.join(",", packages);
    }

    private static void install(BundleContext context, String name) throws Exception {
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            String file = Path.of(entry).getFileName().toString();
            if (file.startsWith(name + "-")) {
                context.installBundle(Path.of(entry).toUri().toString());
                return;
            }
        }
        throw new IllegalStateException(name + " is not on the class path");
    }

    BundleContext context() {
        return framework.getBundleContext();
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri(path)).header("Authorization", "Bearer " + FakeCommands.KEY);
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> chat(String body) throws IOException, InterruptedException {
        return client.send(
                request("/v1/chat/completions")
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Send bytes as they are and read until the server closes. */
    String raw(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    Socket connect() throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** The head of a chat request, without the empty line, for tests that go on in odd ways. */
    static String chatHead() {
        return "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer "
                + FakeCommands.KEY + "\r\n";
    }

    /** End what stands before the servlets, as the bundle's stop does. */
    void dropGate() {
        connections.close();
        metrics.deactivate();
    }

    @Override
    public void close() throws Exception {
        client.close();
        dropGate();
        framework.stop();
        framework.waitForStop(10_000);
    }

    /** The settings' defaults as the metatype has them, but for what a test changes. */
    static HttpConfig config(Map<String, Object> changes) {
        return configuration(HttpConfig.class, changes);
    }

    static TlsConfig tls(Map<String, Object> changes) {
        return configuration(TlsConfig.class, changes);
    }

    private static <T> T configuration(Class<T> type, Map<String, Object> changes) {
        return type.cast(Proxy.newProxyInstance(
                Host.class.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> changes.getOrDefault(method.getName(), method.getDefaultValue())));
    }

    private static final String EXTRA_PACKAGES = String.join(
            ",",
            "jakarta.servlet;version=6.0",
            "jakarta.servlet.annotation;version=6.0",
            "jakarta.servlet.descriptor;version=6.0",
            "jakarta.servlet.http;version=6.0",
            "javax.servlet;version=3.1",
            "javax.servlet.annotation;version=3.1",
            "javax.servlet.descriptor;version=3.1",
            "javax.servlet.http;version=3.1",
            "org.apache.felix.http.jetty;version=4.0",
            "org.osgi.service.servlet.context;version=2.0",
            "org.osgi.service.servlet.runtime;version=2.0",
            "org.osgi.service.servlet.runtime.dto;version=2.0",
            "org.osgi.service.servlet.whiteboard;version=2.0",
            "org.slf4j;version=2.0.17",
            "org.slf4j.event;version=2.0.17",
            "org.slf4j.spi;version=2.0.17",
            "org.slf4j.helpers;version=2.0.17");

    private static final String EXTRA_CAPABILITIES =
            "osgi.contract;osgi.contract=JavaServlet;version:Version=4.0,osgi.contract;osgi.contract=JakartaServlet;version:Version=6.0";
}
