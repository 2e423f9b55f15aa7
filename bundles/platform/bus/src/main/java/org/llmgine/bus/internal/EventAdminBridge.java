package org.llmgine.bus.internal;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.ListenerOptions;
import org.llmgine.api.bus.MessageBus;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.api.bus.Registration;
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
 * <p>It listens to the topics that Event Admin's handlers ask for, so that events which none of them wants cost nothing. An
 * event that is being handled while a handler comes or goes may be handed on twice, or not at all.
 */
@Component(service = {})
public final class EventAdminBridge {
    /** The property that has the event itself. */
    static final String EVENT = "llmgine.event";

    private static final Logger LOG = LoggerFactory.getLogger(EventAdminBridge.class);

    private final EventAdmin admin;
    private final MessageBus bus;
    private final Map<ServiceReference<EventHandler>, List<String>> wanted = new HashMap<>();
    private List<String> topics = List.of();
    private @Nullable Registration registration;

    @Activate
    public EventAdminBridge(@Reference EventAdmin admin, @Reference MessageBus bus) {
        this.admin = admin;
        this.bus = bus;
    }

    @Deactivate
    synchronized void close() {
        wanted.clear();
        listen();
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
        List<String> now = wanted.values().stream()
                .flatMap(List::stream)
                .distinct()
                .sorted()
                .toList();
        if (now.equals(topics)) {
            return;
        }
        topics = now;
        Registration before = registration;
        // Ahead of the others: it takes no time, and what is watched is seen before it can go wrong.
        registration = now.isEmpty()
                ? null
                : bus.listen(
                        Event.class,
                        ListenerOptions.named("event-admin")
                                .withRanking(Integer.MAX_VALUE)
                                .withTopics(now.toArray(String[]::new)),
                        this::post);
        if (before != null) {
            before.close();
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
