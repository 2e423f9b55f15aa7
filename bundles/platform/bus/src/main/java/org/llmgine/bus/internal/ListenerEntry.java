package org.llmgine.bus.internal;

import java.util.List;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventListener;
import org.llmgine.api.bus.ListenerOptions;
import org.llmgine.api.bus.MessageContext;

/** A listener and what it listens to. */
final class ListenerEntry extends Entry {
    private final Class<? extends Event> type;
    private final int ranking;
    private final List<TopicPattern> topics;
    private final EventListener<Event> listener;

    /** Make an entry; the listener takes what its type says, which is checked before it is called. */
    @SuppressWarnings("unchecked")
    <E extends Event> ListenerEntry(
            Owner owner, Class<? extends E> type, ListenerOptions options, EventListener<E> listener) {
        super(owner, options.name());
        this.type = type;
        this.ranking = options.ranking();
        this.topics = options.topics().stream().map(TopicPattern::new).toList();
        this.listener = (EventListener<Event>) listener;
    }

    int ranking() {
        return ranking;
    }

    boolean wants(Class<?> event) {
        return type.isAssignableFrom(event)
                && (topics.isEmpty()
                        || topics.stream()
                                .anyMatch(topic ->
                                        topic.matches(TypeInfo.of(event).name())));
    }

    void handle(Event event, MessageContext context) throws Exception {
        call(() -> {
            listener.handle(event, context);
            return this;
        });
    }
}
