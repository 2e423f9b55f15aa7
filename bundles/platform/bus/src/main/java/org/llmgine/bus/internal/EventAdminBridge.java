package org.llmgine.bus.internal;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventListener;
import org.llmgine.api.bus.ListenerOptions;
import org.llmgine.api.bus.MessageBus;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.api.bus.Registration;
import org.llmgine.bus.HostTimer;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.event.EventAdmin;
import org.osgi.service.event.EventConstants;
import org.osgi.service.event.EventHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands events on to OSGi's Event Admin, for tools that listen there.
 *
 * <p>It listens to the topics that Event Admin's handlers ask for, so that events which none of them wants cost nothing. A
 * handler of everything, {@code *}, such as the one by which Karaf's shell shows events, is there whether anybody looks or not,
 * and Event Admin works hard for it: it gets {@value #MOST_OF_EVERYTHING} events a second, and for the rest of the second nobody
 * listens. An event that is being handled while a handler comes or goes may be handed on twice, or not at all.
 */
@Component(service = {})
public final class EventAdminBridge {
    /** The property that has the event itself. */
    static final String EVENT = "llmgine.event";

    /** How many events that nobody names are handed on within a second. */
    static final int MOST_OF_EVERYTHING = 100;

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final String EVERYTHING = "*";
    private static final Logger LOG = LoggerFactory.getLogger(EventAdminBridge.class);

    private final EventAdmin admin;
    private final MessageBus bus;
    private final LongSupplier nanoClock;
    private final HostTimer.Registration seconds;
    private final Map<ServiceReference<EventHandler>, List<String>> wanted = new HashMap<>();
    private final AtomicInteger left = new AtomicInteger(MOST_OF_EVERYTHING);
    private volatile List<TopicPattern> named = List.of();
    private boolean everything;
    private @Nullable Registration listeningToNamed;
    private @Nullable Registration listeningToEverything;

    @Activate
    public EventAdminBridge(@Reference EventAdmin admin, @Reference MessageBus bus, @Reference HostTimer timer) {
        this(admin, bus, timer, System::nanoTime);
    }

    EventAdminBridge(EventAdmin admin, MessageBus bus, HostTimer timer, LongSupplier nanoClock) {
        this.admin = admin;
        this.bus = bus;
        this.nanoClock = nanoClock;
        seconds = timer.watch(new Seconds());
    }

    @Deactivate
    synchronized void close() {
        seconds.close();
        wanted.clear();
        listen();
    }

    /** Begins each second anew. */
    private final class Seconds implements HostTimer.Watch {
        private volatile long next = nanoClock.getAsLong() + SECOND;

        @Override
        public boolean isDue(long nanoTime) {
            return nanoTime - next >= 0;
        }

        @Override
        public void act() {
            next = nanoClock.getAsLong() + SECOND;
            left.set(MOST_OF_EVERYTHING);
            listenToEverything();
        }
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, updated = "addHandler")
    synchronized void addHandler(ServiceReference<EventHandler> handler) {
        wanted.put(
                handler,
                strings(handler.getProperty(EventConstants.EVENT_TOPIC))
                        .filter(EventAdminBridge::isTopic)
                        .toList());
        listen();
    }

    synchronized void removeHandler(ServiceReference<EventHandler> handler) {
        wanted.remove(handler);
        listen();
    }

    private static Stream<String> strings(@Nullable Object property) {
        return switch (property) {
            case String one -> Stream.of(one);
            case String[] many -> Arrays.stream(many);
            case Collection<?> many -> many.stream().map(String::valueOf);
            case null, default -> Stream.empty();
        };
    }

    private static boolean isTopic(String text) {
        try {
            new TopicPattern(text);
            return true;
        } catch (LlmgineException e) {
            // Event Admin leaves it out, too.
            return false;
        }
    }

    private synchronized void listen() {
        List<String> topics = wanted.values().stream()
                .flatMap(List::stream)
                .distinct()
                .sorted()
                .toList();
        everything = topics.contains(EVERYTHING);
        List<TopicPattern> now = topics.stream()
                .filter(topic -> !topic.equals(EVERYTHING))
                .map(TopicPattern::new)
                .toList();
        if (!now.equals(named)) {
            Registration before = listeningToNamed;
            listeningToNamed = now.isEmpty()
                    ? null
                    : listenTo(now.stream().map(TopicPattern::text).toArray(String[]::new), this::post);
            named = now;
            if (before != null) {
                before.close();
            }
        }
        listenToEverything();
    }

    private synchronized void listenToEverything() {
        boolean listens = everything && left.get() > 0;
        if (listens && listeningToEverything == null) {
            listeningToEverything = listenTo(new String[] {EVERYTHING}, this::postUnnamed);
        } else if (!listens && listeningToEverything != null) {
            listeningToEverything.close();
            listeningToEverything = null;
        }
    }

    private Registration listenTo(String[] topics, EventListener<Event> listener) {
        // Ahead of the others: it takes no time, and what is watched is seen before it can go wrong.
        return bus.listen(
                Event.class,
                ListenerOptions.named("event-admin")
                        .withRanking(Integer.MAX_VALUE)
                        .withTopics(topics),
                listener);
    }

    private void postUnnamed(Event event, MessageContext context) {
        String topic = TypeInfo.of(event.getClass()).name();
        if (named.stream().anyMatch(pattern -> pattern.matches(topic))) {
            // It is posted as one that somebody named.
            return;
        }
        int now = left.decrementAndGet();
        if (now >= 0) {
            post(event, context);
        }
        if (now == 0) {
            listenToEverything();
        }
    }

    private void post(Event event, MessageContext context) {
        // Event Admin's topics have no other characters.
        String topic = TypeInfo.of(event.getClass()).name().replaceAll("[^A-Za-z0-9_/-]", "_");
        try {
            admin.postEvent(new org.osgi.service.event.Event(
                    topic,
                    Map.of(
                            "id",
                            context.id(),
                            "session",
                            context.session(),
                            "principal",
                            context.principal().name(),
                            "origin",
                            context.origin(),
                            EventConstants.TIMESTAMP,
                            context.sent().toEpochMilli(),
                            EVENT,
                            event)));
        } catch (RuntimeException e) {
            LOG.warn("Event Admin didn't take the event '{}'.", topic, e);
        }
    }
}
