package org.llmgine.core.internal;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.bus.LogLimit;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.resource.Capability;
import org.osgi.util.tracker.ServiceTracker;
import org.osgi.util.tracker.ServiceTrackerCustomizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the services of one extension point into its registry and, when their bundle stops, lets it wait for the calls in
 * flight.
 */
final class PluginTracker<S, T> implements ServiceTrackerCustomizer<S, PluginTracker.Tracked> {
    /** The service property that leaves an instance out, with the reason. */
    static final String PROBLEM = "llmgine.config.problem";

    private static final Logger LOG = LoggerFactory.getLogger(PluginTracker.class);

    private final BundleContext context;
    private final String kind;
    private final PluginRegistry<T> registry;
    private final Binding<S, T> binding;
    private final Supplier<Settings> settings;
    private final ServiceTracker<S, Tracked> tracker;
    private final Set<Long> warned = ConcurrentHashMap.newKeySet();

    PluginTracker(
            BundleContext context,
            Class<S> type,
            String kind,
            PluginRegistry<T> registry,
            Binding<S, T> binding,
            Supplier<Settings> settings) {
        this.context = context;
        this.kind = kind;
        this.registry = registry;
        this.binding = binding;
        this.settings = settings;
        this.tracker = new ServiceTracker<>(context, type, this);
    }

    /** Makes what the registry holds out of a service. */
    interface Binding<S, T> {
        /**
         * Bind a service.
         *
         * @param instance where it comes from; its name is the instance's
         * @throws LlmgineException with the problem for which it is left out
         */
        Bound<T> bind(Origin instance, S service);
    }

    /** Holds what is registered, under the name that it is registered by. */
    record Bound<T>(Origin origin, T service) {}

    /** Holds the key by which a service is registered. */
    static final class Tracked {
        private String name = "";
    }

    void open() {
        tracker.open();
    }

    void close() {
        tracker.close();
    }

    @Override
    public @Nullable Tracked addingService(ServiceReference<S> reference) {
        Tracked tracked = new Tracked();
        Optional<Origin> origin = origin(reference);
        origin.ifPresent(found -> {
            Optional<String> problem = text(reference, PROBLEM);
            add(reference, found, tracked);
            if (!problem.equals(text(reference, PROBLEM))) {
                // The tracker doesn't tell of a change that comes while it adds.
                modifiedService(reference, tracked);
            }
        });
        return origin.isPresent() ? tracked : null;
    }

    private void add(ServiceReference<S> reference, Origin origin, Tracked tracked) {
        tracked.name = origin.name();
        Optional<String> problem = text(reference, PROBLEM);
        if (problem.isPresent()) {
            registry.addFailed(origin, problem.get());
            return;
        }
        S service = context.getService(reference);
        if (service == null) {
            leaveOut(origin, StartFailure.of(context, reference));
            return;
        }
        try {
            Bound<T> bound = binding.bind(origin, service);
            tracked.name = bound.origin().name();
            registry.add(bound.origin(), bound.service(), text(reference, ConfigurationCheck.KEPT));
        } catch (LlmgineException e) {
            leaveOut(origin, e.getMessage());
        }
    }

    private void leaveOut(Origin origin, String problem) {
        LOG.error("The {} '{}' of '{}' is left out: {}", kind, origin.name(), origin.plugin(), problem);
        registry.addFailed(origin, problem);
    }

    @Override
    public void modifiedService(ServiceReference<S> reference, Tracked tracked) {
        // A setting that became bad, or good again, where the component takes changes without a restart.
        if (text(reference, PROBLEM).isPresent() != registry.isFailed(tracked.name, serviceId(reference))) {
            removedService(reference, tracked);
            origin(reference).ifPresent(origin -> add(reference, origin, tracked));
        } else {
            registry.notice(tracked.name, serviceId(reference), text(reference, ConfigurationCheck.KEPT));
        }
    }

    @Override
    public void removedService(ServiceReference<S> reference, Tracked tracked) {
        Optional<Instance<T>> removed = registry.remove(tracked.name, serviceId(reference));
        Bundle bundle = reference.getBundle();
        if (removed.isPresent() && bundle != null && bundle.getState() != Bundle.ACTIVE) {
            drain(removed.get());
        }
        context.ungetService(reference);
    }

    /** Hold the bundle's stop up until its calls are done. */
    private void drain(Instance<T> instance) {
        Duration limit = settings.get().drainTimeout();
        Origin origin = instance.origin();
        int calls = instance.leases();
        if (calls > 0) {
            LOG.info(
                    "The {} '{}' {} waits for its calls in flight ({}).", kind, origin.name(), origin.version(), calls);
        }
        try {
            if (!instance.awaitIdle(limit)) {
                LOG.warn(
                        "The {} '{}' {} stops with {} calls still running after {} ms.",
                        kind,
                        origin.name(),
                        origin.version(),
                        instance.leases(),
                        limit.toMillis());
            } else if (calls > 0) {
                LOG.info("The {} '{}' {} has ended its calls.", kind, origin.name(), origin.version());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<Origin> origin(ServiceReference<S> reference) {
        Bundle bundle = reference.getBundle();
        BundleWiring wiring = bundle == null ? null : bundle.adapt(BundleWiring.class);
        ClassLoader loader = wiring == null ? null : wiring.getClassLoader();
        if (bundle == null || loader == null) {
            return Optional.empty();
        }
        Optional<String> plugin = plugins(bundle).stream()
                .map(Capability::getAttributes)
                .filter(attributes -> kind.equals(attributes.get("kind")))
                .map(attributes -> attributes.get("id"))
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .findFirst();
        if (plugin.isEmpty()) {
            if (warned.add(bundle.getBundleId())) {
                LOG.warn(
                        "The bundle {} registers a {} without the capability {} of that kind: it is ignored.",
                        bundle.getSymbolicName(),
                        kind,
                        LlmginePlugin.NAMESPACE);
            }
            return Optional.empty();
        }
        String id = plugin.get();
        return Optional.of(new Origin(
                kind,
                id + suffix(reference),
                id,
                bundle.getVersion(),
                bundle.getSymbolicName(),
                bundle.getBundleId(),
                serviceId(reference),
                ranking(reference),
                loader,
                new LogLimit()));
    }

    /** Return the capabilities that make a bundle a plugin; none of one that was taken out. */
    static List<Capability> plugins(Bundle bundle) {
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        return revision == null ? List.of() : revision.getCapabilities(LlmginePlugin.NAMESPACE);
    }

    private static Optional<String> text(ServiceReference<?> reference, String property) {
        return Optional.ofNullable(reference.getProperty(property))
                .filter(String.class::isInstance)
                .map(String.class::cast);
    }

    private static long serviceId(ServiceReference<?> reference) {
        return (Long) reference.getProperty(Constants.SERVICE_ID);
    }

    /** Return {@code ~name} of an instance that has a name of its own, else nothing. */
    private static String suffix(ServiceReference<?> reference) {
        String name = text(reference, LlmginePlugin.INSTANCE)
                .map(given -> "~" + given)
                .orElseGet(() -> factoryName(reference));
        return name.equals("~" + LlmginePlugin.DEFAULT_INSTANCE) ? "" : name;
    }

    private static int ranking(ServiceReference<?> reference) {
        return reference.getProperty(Constants.SERVICE_RANKING) instanceof Integer ranking ? ranking : 0;
    }

    /** Return {@code ~name} of a factory configuration's PID, else nothing. */
    private static String factoryName(ServiceReference<?> reference) {
        Object pid = reference.getProperty(Constants.SERVICE_PID);
        if (pid instanceof Iterable<?> pids) {
            pid = pids.iterator().next();
        } else if (pid instanceof Object[] pids && pids.length > 0) {
            pid = pids[0];
        }
        String text = pid instanceof String single ? single : "";
        int tilde = text.indexOf('~');
        return tilde < 0 ? "" : text.substring(tilde);
    }
}
