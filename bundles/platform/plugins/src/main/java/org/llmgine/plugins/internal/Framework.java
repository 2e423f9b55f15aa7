package org.llmgine.plugins.internal;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.LlmginePlugin;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Installs, starts and uninstalls the bundles of plugins. Nothing is refreshed by it. */
final class Framework {
    /** Where plugins start, after the platform. */
    private static final int START_LEVEL = 80;

    private static final String LOCATION = "llmgine-plugin:";

    private static final Logger LOG = LoggerFactory.getLogger(Framework.class);

    private final BundleContext context;
    private final ReentrantLock installing = new ReentrantLock();

    Framework(BundleContext context) {
        this.context = context;
    }

    /** Return where a version's bundle is installed. */
    static String location(String symbolicName, String sha256) {
        return LOCATION + symbolicName + ":" + sha256;
    }

    /** Return the SHA-256 of the jar that one of our bundles was installed from. */
    static String sha256(Bundle bundle) {
        return bundle.getLocation().substring(bundle.getLocation().lastIndexOf(':') + 1);
    }

    static boolean isOurs(Bundle bundle) {
        return bundle.getLocation().startsWith(LOCATION);
    }

    static boolean isPlugin(Bundle bundle) {
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        return revision != null
                && !revision.getCapabilities(LlmginePlugin.NAMESPACE).isEmpty();
    }

    List<Bundle> ours() {
        return Arrays.stream(context.getBundles()).filter(Framework::isOurs).toList();
    }

    Optional<Bundle> at(String location) {
        return Optional.ofNullable(context.getBundle(location));
    }

    /**
     * Install a version and resolve it, one at a time: a bundle that is resolved while another one is installed finds none of its
     * packages now and then.
     *
     * @throws LlmgineException {@code plugin_refused}
     */
    Bundle install(PluginJar jar, InputStream from) throws IOException {
        installing.lock();
        try (from) {
            Bundle bundle = context.installBundle(location(jar.symbolicName(), jar.sha256()), from);
            bundle.adapt(BundleStartLevel.class).setStartLevel(START_LEVEL);
            // Why it can't be, its start tells.
            context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION)
                    .adapt(FrameworkWiring.class)
                    .resolveBundles(List.of(bundle));
            return bundle;
        } catch (BundleException e) {
            throw e.getType() == BundleException.DUPLICATE_BUNDLE_ERROR
                    ? JarReader.refused(
                            "Version " + jar.version() + " of " + jar.symbolicName()
                                    + " is installed already, with other content.",
                            "Raise its Bundle-Version, or remove the plugin first.")
                    : JarReader.refused("The framework refuses it: " + sentence(e), "Mend its manifest.");
        } finally {
            installing.unlock();
        }
    }

    /**
     * Start a bundle now. At the next start of the host those start that the ledger names, and no other: not one whose
     * activator hangs.
     *
     * @throws LlmgineException {@code plugin_failed} with the reason; it may still be starting
     */
    void start(Bundle bundle, Duration limit) throws InterruptedException {
        CompletableFuture<Void> started = new CompletableFuture<>();
        Thread.ofPlatform()
                .daemon()
                .name("llmgine-start-" + bundle.getSymbolicName())
                .start(() -> {
                    try {
                        bundle.start(Bundle.START_TRANSIENT);
                        started.complete(null);
                    } catch (Throwable t) {
                        started.completeExceptionally(t);
                    }
                });
        try {
            started.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            throw failed("It did not start: " + sentence(cause), cause);
        } catch (TimeoutException e) {
            throw failed("Its activator had not returned after " + limit.toMillis() + " ms.", e);
        }
    }

    /**
     * Stop a bundle until it is started again, or the host is.
     *
     * @throws LlmgineException {@code plugin_failed} when it doesn't stop; it may still be stopping
     */
    void stop(Bundle bundle, Duration limit) throws InterruptedException {
        Thread worker = Thread.ofPlatform()
                .daemon()
                .name("llmgine-stop-" + bundle.getSymbolicName())
                .start(() -> {
                    try {
                        bundle.stop(Bundle.STOP_TRANSIENT);
                    } catch (BundleException | IllegalStateException e) {
                        LOG.warn("{} does not stop: {}", bundle, sentence(e));
                    }
                });
        if (!worker.join(limit) || bundle.getState() == Bundle.ACTIVE) {
            throw new LlmgineException(
                    ErrorCode.PLUGIN_FAILED, "The former version had not stopped after " + limit.toMillis() + " ms.");
        }
    }

    /** Return the bundles of a plugin that run, however they came. */
    List<Bundle> running(String symbolicName) {
        return Arrays.stream(context.getBundles())
                .filter(bundle -> bundle.getState() == Bundle.ACTIVE
                        && symbolicName.equals(bundle.getSymbolicName())
                        && isPlugin(bundle))
                .toList();
    }

    static LlmgineException failed(String message, Throwable cause) {
        return new LlmgineException(ErrorCode.PLUGIN_FAILED, message, cause);
    }

    /** Stop a bundle and take it out. One whose activator hangs can't be: it stays until the next start of the host. */
    void uninstall(Bundle bundle, Duration limit) {
        Thread worker = Thread.ofPlatform()
                .daemon()
                .name("llmgine-uninstall-" + bundle.getSymbolicName())
                .start(() -> {
                    try {
                        if (bundle.getState() != Bundle.UNINSTALLED) {
                            bundle.uninstall();
                        }
                    } catch (BundleException | IllegalStateException e) {
                        LOG.warn("The bundle {} can't be taken out: {}", bundle, sentence(e));
                    }
                });
        try {
            worker.join(limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Say what went wrong without what the resolver dumps. */
    static String sentence(Throwable thrown) {
        if (thrown instanceof LlmgineException told) {
            return told.getMessage();
        }
        Throwable last = thrown;
        while (last.getCause() != null && last.getCause() != last) {
            last = last.getCause();
        }
        String message = last.getMessage() == null ? last.getClass().getSimpleName() : last.getMessage();
        return message.lines().findFirst().orElse("").replaceFirst("\\.$", "") + ".";
    }
}
