package org.llmgine.provider.openai.internal;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.LlmginePlugin;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.component.ComponentException;
import org.osgi.service.component.ComponentFactory;
import org.osgi.service.component.ComponentInstance;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the back-ends that the environment tells of, so that a key in its usual variable is all that is needed, and an Ollama
 * on this machine, for which it looks again and again.
 */
@Component(
        service = {},
        immediate = true)
public final class BackendFinder {
    static final String OPENAI = "https://api.openai.com/v1";

    private static final Logger LOG = LoggerFactory.getLogger(BackendFinder.class);
    private static final String OLLAMA = "ollama";
    private static final Duration INTERVAL = Duration.ofSeconds(30);
    private static final int PROBE_MS = 2_000;

    /** So many times in a row nobody must answer until Ollama counts as gone: it may only be restarting. */
    private static final int MAX_SILENCE = 4;

    private final Map<String, Sought> sought;
    private final URI ollama;
    private final Predicate<URI> probe;
    private final long bundleId;
    private final Duration interval;

    // Guarded by this.
    private final Map<String, ComponentInstance<FoundModelProvider>> found = new HashMap<>();
    private @Nullable ComponentFactory<FoundModelProvider> factory;
    private CompletableFuture<Void> pause = CompletableFuture.completedFuture(null);
    private int silence = MAX_SILENCE;
    private boolean stopped;

    /** A back-end that the environment tells of, and the variable that holds its key. */
    private record Sought(String baseUrl, String variable) {}

    @Activate
    public BackendFinder() {
        this(System.getenv(), address -> answers(address, PROBE_MS), bundleId(), INTERVAL);
    }

    /**
     * Make a finder.
     *
     * @param probe tells whether there is an Ollama at an address; may block for a moment
     * @param bundleId whose factory to take: another version of the plugin has one, too
     * @param interval the pause between two looks for Ollama
     */
    BackendFinder(Map<String, String> environment, Predicate<URI> probe, long bundleId, Duration interval) {
        this.sought = sought(environment);
        this.ollama = Urls.ollama(environment.getOrDefault("OLLAMA_HOST", ""));
        this.probe = probe;
        this.bundleId = bundleId;
        this.interval = interval;
    }

    private static long bundleId() {
        return Optional.ofNullable(FrameworkUtil.getBundle(BackendFinder.class))
                .map(Bundle::getBundleId)
                .orElse(-1L);
    }

    private static Map<String, Sought> sought(Map<String, String> environment) {
        Map<String, Sought> sought = new LinkedHashMap<>();
        String moved = environment.getOrDefault("LLMGINE_OPENAI_BASE_URL", "").strip();
        sought.put(LlmginePlugin.DEFAULT_INSTANCE, new Sought(moved.isEmpty() ? OPENAI : moved, "OPENAI_API_KEY"));
        sought.put("openrouter", new Sought("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"));
        sought.put("deepseek", new Sought("https://api.deepseek.com/v1", "DEEPSEEK_API_KEY"));
        sought.entrySet()
                .removeIf(entry -> environment
                                .getOrDefault(entry.getValue().variable(), "")
                                .isBlank()
                        && (moved.isEmpty() || !entry.getKey().equals(LlmginePlugin.DEFAULT_INSTANCE)));
        return sought;
    }

    @Reference(
            target = "(component.factory=" + FoundModelProvider.FACTORY + ")",
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC)
    synchronized void bind(ComponentFactory<FoundModelProvider> factory, Map<String, Object> properties) {
        if (properties.get(Constants.SERVICE_BUNDLEID) instanceof Long owner && owner == bundleId) {
            this.factory = factory;
            sought.forEach((name, backend) -> add(name, backend.baseUrl(), backend.variable()));
            pause.thenRunAsync(this::look);
        }
    }

    synchronized void unbind(ComponentFactory<FoundModelProvider> factory) {
        if (factory == this.factory) {
            stop();
        }
    }

    @Deactivate
    synchronized void stop() {
        stopped = true;
        pause.cancel(false);
        factory = null;
        found.values().forEach(ComponentInstance::dispose);
        found.clear();
    }

    private void look() {
        boolean there = probe.test(ollama);
        synchronized (this) {
            if (stopped) {
                return;
            }
            silence = there ? 0 : Math.min(MAX_SILENCE, silence + 1);
            if (there && !found.containsKey(OLLAMA)) {
                add(OLLAMA, Urls.at(ollama, "/v1").toString(), "");
            } else if (silence == MAX_SILENCE) {
                ComponentInstance<FoundModelProvider> gone = found.remove(OLLAMA);
                if (gone != null) {
                    LOG.info("Nobody answers at {} any more: the instance {} is gone.", ollama, instance(OLLAMA));
                    gone.dispose();
                }
            }
            pause = new CompletableFuture<Void>().completeOnTimeout(null, interval.toMillis(), TimeUnit.MILLISECONDS);
            pause.thenRunAsync(this::look);
        }
    }

    private void add(String name, String baseUrl, String variable) {
        ComponentFactory<FoundModelProvider> maker = factory;
        if (maker == null) {
            return;
        }
        Hashtable<String, Object> properties = new Hashtable<>();
        properties.put(LlmginePlugin.INSTANCE, name);
        properties.put("baseUrl", baseUrl);
        properties.put("apiKeyVariable", variable);
        try {
            found.put(name, maker.newInstance(properties));
            LOG.info("Found the back-end {}: it is the instance {}.", baseUrl, instance(name));
        } catch (ComponentException e) {
            LOG.error("The back-end {} can't be the instance {}: {}", baseUrl, instance(name), reason(e));
        }
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    private static String instance(String name) {
        return name.equals(LlmginePlugin.DEFAULT_INSTANCE) ? "openai" : "openai~" + name;
    }

    /** Not by java.net.http, whose client has a thread of its own for as long as it lives. */
    static boolean answers(URI ollama, int limitMs) {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) Urls.at(ollama, "/api/version").toURL().openConnection();
            connection.setConnectTimeout(limitMs);
            connection.setReadTimeout(limitMs);
            connection.setRequestProperty("Connection", "close");
            try {
                return connection.getResponseCode() == 200;
            } finally {
                connection.disconnect();
            }
        } catch (IOException e) {
            return false;
        }
    }
}
