package org.llmgine.bus.internal;

import com.codahale.metrics.MetricRegistry;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.CommandHandler;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventFilter;
import org.llmgine.api.bus.EventListener;
import org.llmgine.api.bus.Interceptor;
import org.llmgine.api.bus.ListenerOptions;
import org.llmgine.bus.HostTimer;
import org.llmgine.bus.spi.DeadLetterStore;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkListener;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the bus together, and finds handlers, listeners, interceptors, filters and policies among the services.
 *
 * <p>Events that are published while the framework starts are held until it has started, so that listeners which start late get
 * them. When a service goes, its calls in flight are waited for: the framework takes its bundle away after that.
 */
@Component(service = BusHost.class, configurationPid = BusConfig.PID)
@Designate(ocd = BusConfig.class)
public final class BusHost implements FrameworkListener {
    private static final Logger LOG = LoggerFactory.getLogger(BusHost.class);
    private static final String HANDLES = "llmgine.bus.handles";
    private static final String EVENTS = "llmgine.bus.events";
    private static final String TOPICS = "llmgine.bus.topics";

    private final BundleContext context;
    private final Bus bus;
    private final DeadLetterBox box;
    private final HostTimer.Registration watch;
    private final Map<ServiceReference<?>, Bound> bound = new ConcurrentHashMap<>();
    private final Ranked<Interceptor> interceptors;
    private final Ranked<EventFilter> filters;
    private final Ranked<MessagePolicy> policies;

    /** A service that the bus calls. */
    private record Bound(Entry entry, Runnable end) {}

    /** Make the bus. */
    @Activate
    public BusHost(
            BundleContext context,
            BusConfig config,
            @Reference HostTimer timer,
            @Reference MetricRegistry metrics,
            @Reference DeadLetterStore store) {
        this.context = context;
        BusFigures figures = new BusFigures(metrics);
        Policies rules = new Policies(figures);
        InstantSource clock = InstantSource.system();
        box = new DeadLetterBox(store, new Messages(new FrameworkBundles(context)), clock, figures);
        bus = new Bus(
                BusSettings.of(config), figures, clock, rules, box, pause -> LockSupport.parkNanos(pause.toNanos()));
        interceptors = new Ranked<>(bus::interceptors);
        filters = new Ranked<>(bus::filters);
        policies = new Ranked<>(rules::rules);
        watch = timer.watch(bus);
        context.addFrameworkListener(this);
        startWithFramework();
    }

    @Modified
    void modified(BusConfig config) {
        bus.settings(BusSettings.of(config));
    }

    @Deactivate
    void close() {
        context.removeFrameworkListener(this);
        bus.stop();
        watch.close();
    }

    Bus bus() {
        return bus;
    }

    DeadLetterBox deadLetters() {
        return box;
    }

    @Override
    public void frameworkEvent(FrameworkEvent event) {
        startWithFramework();
    }

    private void startWithFramework() {
        FrameworkStartLevel level =
                context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkStartLevel.class);
        if (level.getStartLevel() >= level.getInitialBundleStartLevel()
                && context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).getState() == Bundle.ACTIVE) {
            bus.start();
        }
    }

    static Owner owner(Bundle bundle) {
        BundleWiring wiring = bundle.adapt(BundleWiring.class);
        // One that is being taken out has none any more.
        return new Owner(bundle.getSymbolicName(), wiring == null ? null : wiring.getClassLoader());
    }

    // ---- services --------------------------------------------------------------------------------------------------

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addHandler(ServiceReference<CommandHandler<?, ?>> reference, CommandHandler<?, ?> handler) {
        bind(reference, HANDLES, Command.class, type -> {
            HandlerEntry entry = new HandlerEntry(
                    owner(reference.getBundle()), name(reference, handler), Ranked.ranking(reference), handler);
            bus.add(type, entry);
            return new Bound(entry, () -> bus.remove(type, entry));
        });
    }

    void removeHandler(ServiceReference<CommandHandler<?, ?>> reference) {
        unbind(reference);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addListener(ServiceReference<EventListener<Event>> reference, EventListener<Event> listener) {
        bind(reference, EVENTS, Event.class, type -> {
            ListenerOptions options = ListenerOptions.named(name(reference, listener))
                    .withRanking(Ranked.ranking(reference))
                    .withTopics(strings(reference.getProperty(TOPICS)));
            ListenerEntry entry = new ListenerEntry(owner(reference.getBundle()), type, options, listener);
            bus.add(entry);
            return new Bound(entry, () -> bus.remove(entry));
        });
    }

    void removeListener(ServiceReference<EventListener<Event>> reference) {
        unbind(reference);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addInterceptor(ServiceReference<Interceptor> reference, Interceptor interceptor) {
        Owner owner = owner(reference.getBundle());
        InterceptorEntry entry = new InterceptorEntry(owner, name(reference, interceptor), interceptor);
        interceptors.add(reference, entry);
        bound.put(reference, new Bound(entry, () -> interceptors.remove(reference)));
    }

    void removeInterceptor(ServiceReference<Interceptor> reference) {
        unbind(reference);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, target = "(!(part=*))")
    void addFilter(ServiceReference<EventFilter> reference, EventFilter filter) {
        FilterEntry entry = new FilterEntry(owner(reference.getBundle()), name(reference, filter), filter);
        filters.add(reference, entry);
        bound.put(reference, new Bound(entry, () -> filters.remove(reference)));
    }

    void removeFilter(ServiceReference<EventFilter> reference) {
        unbind(reference);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addPolicy(ServiceReference<PolicyRule> reference, PolicyRule rule) {
        policies.add(reference, rule.policy());
    }

    void removePolicy(ServiceReference<PolicyRule> reference) {
        policies.remove(reference);
    }

    /** Makes the entry of a service for the type that it names. */
    private interface Binding<T> {
        Bound bind(Class<? extends T> type);
    }

    private <T> void bind(ServiceReference<?> reference, String property, Class<T> kind, Binding<T> binding) {
        Bundle bundle = reference.getBundle();
        Object name = reference.getProperty(property);
        if (bundle == null) {
            return;
        }
        if (!(name instanceof String typeName)) {
            LOG.error(
                    "A service of the bundle {} is left out: it doesn't say by its property {} what it is for.",
                    bundle.getSymbolicName(),
                    property);
            return;
        }
        try {
            bound.put(reference, binding.bind(bundle.loadClass(typeName).asSubclass(kind)));
        } catch (ClassNotFoundException | ClassCastException | LinkageError e) {
            LOG.error(
                    "A service of the bundle {} is left out: its property {} names {}, which is no {} that it can load.",
                    bundle.getSymbolicName(),
                    property,
                    typeName,
                    kind.getSimpleName());
        }
    }

    private void unbind(ServiceReference<?> reference) {
        Bound gone = bound.remove(reference);
        if (gone != null) {
            gone.end.run();
            gone.entry.close();
            if (!gone.entry.awaitIdle(bus.settings().drainTimeout())) {
                LOG.warn("'{}' goes while it is being called: the time to wait is over.", gone.entry.name());
            }
        }
    }

    private static String name(ServiceReference<?> reference, Object service) {
        return reference.getProperty("component.name") instanceof String name ? name : Bus.handlerName(service);
    }

    private static String[] strings(Object property) {
        return switch (property) {
            case String[] many -> many;
            case String one -> new String[] {one};
            case null, default -> new String[0];
        };
    }
}
