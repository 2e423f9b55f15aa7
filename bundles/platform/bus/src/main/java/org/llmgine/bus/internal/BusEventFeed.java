package org.llmgine.bus.internal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.ListenerOptions;
import org.llmgine.api.bus.MessageBus;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.api.bus.Registration;
import org.llmgine.api.bus.Secret;
import org.llmgine.bus.EventFeed;
import org.llmgine.bus.EventReader;
import org.llmgine.bus.EventSelection;
import org.llmgine.bus.ShownEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Has a listener for each reader, which does nothing but hand the event over: it is the reader's thread that writes it. */
@Component(service = EventFeed.class)
public final class BusEventFeed implements EventFeed {
    private final MessageBus bus;
    private final Set<Follower> followers = ConcurrentHashMap.newKeySet();

    @Activate
    public BusEventFeed(@Reference MessageBus bus) {
        this.bus = bus;
    }

    @Deactivate
    void close() {
        followers.forEach(Follower::close);
    }

    @Override
    public EventReader follow(EventSelection selection) {
        Follower follower = new Follower(selection);
        ListenerOptions options = ListenerOptions.named("event-feed")
                .withRanking(Integer.MIN_VALUE)
                .withTopics(selection.topics().toArray(String[]::new));
        try {
            follower.registration = bus.listen(Event.class, options, follower::offer);
        } catch (LlmgineException e) {
            throw e.withField("topic");
        }
        followers.add(follower);
        return follower;
    }

    /** An event that waits to be read. */
    private record Waiting(Event event, MessageContext context, long lostBefore) {}

    /** One reader's events; those that it is too slow for are counted. */
    private final class Follower implements EventReader {
        private final EventSelection selection;
        private final Deque<Waiting> waiting = new ArrayDeque<>();
        private Registration registration = () -> {};
        private long lost;
        private boolean closed;

        Follower(EventSelection selection) {
            this.selection = selection;
        }

        /** Runs within the event's delivery: it must not wait for anybody. */
        void offer(Event event, MessageContext context) {
            if (!isWanted(selection.session(), context.session())
                    || !isWanted(selection.principal(), context.principal().name())) {
                return;
            }
            synchronized (this) {
                if (closed) {
                    return;
                }
                if (waiting.size() == MOST) {
                    lost++;
                    return;
                }
                waiting.addLast(new Waiting(event, context, lost));
                lost = 0;
                notifyAll();
            }
        }

        private static boolean isWanted(String wanted, String given) {
            return wanted.isEmpty() || wanted.equals(given);
        }

        @Override
        public ShownEvent next() {
            Waiting next;
            synchronized (this) {
                try {
                    while (!closed && waiting.isEmpty() && lost == 0) {
                        wait();
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new LlmgineException(ErrorCode.CANCELLED, "The events are read no more.", e);
                }
                if (closed) {
                    throw new LlmgineException(ErrorCode.CANCELLED, "The events are read no more.");
                }
                next = waiting.pollFirst();
                if (next == null) {
                    long gap = lost;
                    lost = 0;
                    return new ShownEvent.Lost(gap);
                }
                if (next.lostBefore > 0) {
                    waiting.addFirst(new Waiting(next.event, next.context, 0));
                    return new ShownEvent.Lost(next.lostBefore);
                }
            }
            return show(next.event, next.context);
        }

        @Override
        public void close() {
            followers.remove(this);
            registration.close();
            synchronized (this) {
                closed = true;
                waiting.clear();
                notifyAll();
            }
        }
    }

    private static ShownEvent show(Event event, MessageContext context) {
        String payload = "";
        String problem = "";
        if (event.getClass().isAnnotationPresent(Secret.class)) {
            problem = "It holds a secret.";
        } else {
            try {
                payload = Messages.json(event);
            } catch (LlmgineException e) {
                problem = e.getMessage();
            }
        }
        TypeInfo type = TypeInfo.of(event.getClass());
        return new ShownEvent.Told(
                context.id(),
                type.name(),
                type.version(),
                context.session(),
                context.principal().name(),
                context.sent(),
                context.origin(),
                context.cause(),
                payload,
                problem);
    }
}
