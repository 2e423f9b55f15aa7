package org.llmgine.http.internal;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.core.Commands;
import org.llmgine.core.command.CreateKey;
import org.llmgine.core.command.FirstStart;
import org.llmgine.core.command.ListModels;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Version;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.servlet.runtime.HttpServiceRuntime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits until the host can serve, warms it with requests to itself, and tells people where it is. */
@Component(
        service = {},
        immediate = true)
public final class Announcer {
    private static final Logger LOG = LoggerFactory.getLogger(Announcer.class);
    private static final String ENDPOINT = "osgi.http.endpoint";
    private static final String BUILT_IN_MODEL = "offline/demo";
    private static final String ACCOUNT = "system";
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration WARM_UP_KEY = Duration.ofMinutes(2);
    private static final int WARM_UP_ROUNDS = 8;
    private static final int REQUEST_TIMEOUT_MS = 10_000;

    private final Commands commands;
    private final HttpSettings settings;
    private final Readiness readiness;
    private final TlsListener tls;
    private final Path data;
    private final Version version;
    private final PrintStream out;
    private final Thread thread;
    private volatile @Nullable String endpoint;

    @Activate
    public Announcer(
            BundleContext context,
            @Reference Commands commands,
            @Reference HttpSettings settings,
            @Reference Readiness readiness,
            @Reference TlsListener tls) {
        this(
                commands,
                settings,
                readiness,
                tls,
                dataFolder(context::getProperty),
                context.getBundle().getVersion(),
                System.out);
    }

    Announcer(
            Commands commands,
            HttpSettings settings,
            Readiness readiness,
            TlsListener tls,
            Path data,
            Version version,
            PrintStream out) {
        this.commands = commands;
        this.settings = settings;
        this.readiness = readiness;
        this.tls = tls;
        this.data = data;
        this.version = version;
        this.out = out;
        thread = Thread.ofVirtual().name("llmgine-announcer").start(this::run);
    }

    @Deactivate
    void deactivate() {
        thread.interrupt();
    }

    @Reference(
            service = HttpServiceRuntime.class,
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            updated = "bindRuntime")
    void bindRuntime(Map<String, Object> properties) {
        endpoint = endpoints(properties.get(ENDPOINT)).stream()
                .filter(url -> url.startsWith("http:"))
                // A host on all addresses names each; an IPv6 one with its zone is the least handy.
                .min(Comparator.comparing(url -> url.contains("[")))
                .map(url -> url.endsWith("/") ? url.substring(0, url.length() - 1) : url)
                .orElse(null);
    }

    void unbindRuntime(Map<String, Object> properties) {
        // The successor may be bound already.
        if (endpoints(properties.get(ENDPOINT)).contains(endpoint + "/")) {
            endpoint = null;
        }
    }

    private static List<String> endpoints(@Nullable Object value) {
        return switch (value) {
            case String[] many -> List.of(many);
            case String one -> List.of(one);
            case null, default -> List.of();
        };
    }

    /** Find the data folder as core does, which writes the key there. */
    static Path dataFolder(Function<String, @Nullable String> property) {
        return Stream.of("llmgine.data", "karaf.data")
                .map(property)
                .filter(folder -> folder != null && !folder.isBlank())
                .findFirst()
                .map(folder -> Path.of(folder).toAbsolutePath())
                .orElseThrow(() -> new IllegalStateException("The framework property llmgine.data is not set."));
    }

    private void run() {
        try {
            String url = awaitReady();
            warmUp(url);
            readiness.warm();
            announce(url);
        } catch (InterruptedException e) {
            LOG.debug("The announcer was stopped before the host was ready.");
        }
    }

    /** Wait until the host is ready, and return where it answered. */
    private String awaitReady() throws InterruptedException {
        long begun = System.nanoTime();
        boolean said = false;
        while (true) {
            String url = endpoint;
            List<String> missing = missing(url);
            if (url != null && missing.isEmpty()) {
                return url;
            }
            Duration timeout = settings.current().readyTimeout();
            if (!said && System.nanoTime() - begun > timeout.toNanos()) {
                said = true;
                out.println("LLMgine is not ready after " + timeout.toSeconds() + " s: " + String.join("; ", missing)
                        + ". It goes on waiting; the log has more.");
            }
            Thread.sleep(POLL);
        }
    }

    private List<String> missing(@Nullable String url) {
        List<String> missing = readiness.healthNow().failing().stream()
                .map(check -> check.name() + ": " + check.message())
                .collect(Collectors.toCollection(ArrayList::new));
        if (url == null) {
            missing.add("the HTTP service has not opened its port");
        } else if (status(url, "GET", "/health/live", "", "") != 200) {
            missing.add("the HTTP API does not answer at " + url);
        }
        return missing;
    }

    /** So that the first caller doesn't pay for classes that have never run; the built-in model costs nothing. */
    private void warmUp(String url) {
        try {
            String key = commands.execute(new CreateKey(Principal.SYSTEM, ACCOUNT, "warm-up", Optional.of(WARM_UP_KEY)))
                    .key();
            boolean builtIn = commands.execute(new ListModels(Principal.SYSTEM)).stream()
                    .anyMatch(model -> model.id().equals(BUILT_IN_MODEL));
            for (int round = 0; round < WARM_UP_ROUNDS; round++) {
                status(url, "GET", "/v1/models", key, "");
                if (builtIn) {
                    status(url, "POST", "/v1/chat/completions", key, warmUpChat(round % 2 == 0));
                }
            }
        } catch (LlmgineException e) {
            LOG.warn("The warm-up failed; the first requests will be slower.", e);
        }
    }

    /** Short: the built-in model takes its time over each word. */
    private static String warmUpChat(boolean stream) {
        String chat = chat(BUILT_IN_MODEL, "Hello", stream);
        return chat.substring(0, chat.length() - 1) + ",\"max_tokens\":2}";
    }

    private static String chat(String model, String prompt, boolean stream) {
        return "{\"model\":\"" + model + "\",\"stream\":" + stream + ",\"messages\":[{\"role\":\"user\",\"content\":\""
                + prompt + "\"}]}";
    }

    /** Make a request and read its whole answer; 0 when there is none. */
    private static int status(String url, String method, String path, String key, String body) {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create(url + path).toURL().openConnection();
            connection.setConnectTimeout(REQUEST_TIMEOUT_MS);
            connection.setReadTimeout(REQUEST_TIMEOUT_MS);
            connection.setRequestMethod(method);
            connection.setRequestProperty("Connection", "close");
            connection.setRequestProperty("Authorization", "Bearer " + key);
            if (!body.isEmpty()) {
                connection.setRequestProperty("Content-Type", "application/json");
                connection.setDoOutput(true);
                try (OutputStream out = connection.getOutputStream()) {
                    out.write(body.getBytes(StandardCharsets.UTF_8));
                }
            }
            int status = connection.getResponseCode();
            if (status < 400) {
                connection.getInputStream().readAllBytes();
            }
            connection.disconnect();
            return status;
        } catch (IOException e) {
            LOG.debug("{} {} got no answer.", method, path, e);
            return 0;
        }
    }

    /** Say for the log what was started. */
    String started(String url, long uptimeMs) {
        return "LLMgine " + version + " is ready at "
                + tls.url().map(secure -> url + " and " + secure).orElse(url) + ", " + uptimeMs / 1000.0
                + " s after the process's start; its data is in " + data + ".";
    }

    private void announce(String url) {
        LOG.info(started(url, ManagementFactory.getRuntimeMXBean().getUptime()));
        StringBuilder text = new StringBuilder()
                .append("\nLLMgine is ready.\n")
                .append("  API     ")
                .append(url)
                .append("/v1\n");
        tls.url().ifPresent(secure -> text.append("  HTTPS   ").append(secure).append("/v1\n"));
        text.append("  Health  ")
                .append(url)
                .append("/health/ready\n  Data    ")
                .append(data)
                .append('\n');
        commands.execute(new FirstStart(Principal.SYSTEM)).ifPresent(made -> {
            text.append("\nThis was the first start. The account ")
                    .append(made.account())
                    .append(
                            made.key().isPresent() || made.password().isPresent()
                                    ? " was made; this is shown only now:\n"
                                    : " was made, with the key and the password that you set.\n");
            made.key().ifPresent(key -> text.append("  key       ").append(key).append('\n'));
            made.password()
                    .ifPresent(password ->
                            text.append("  password  ").append(password).append('\n'));
        });
        text.append("\nTry it:\n  curl -N ")
                .append(url)
                .append("/v1/chat/completions -H \"Authorization: Bearer $(cat ")
                .append(quoted(data.resolve("cli.key")))
                .append(")\" -H 'Content-Type: application/json' -d '")
                .append(chat(ChatRequestReader.DEFAULT_MODEL, "Who are you, and what can you do?", true))
                .append("'\n");
        out.println(text);
        out.flush();
    }

    /** Quote for a shell where the path needs it. */
    private static String quoted(Path path) {
        String text = path.toString();
        return text.matches("[A-Za-z0-9/._-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
