package org.llmgine.testkit;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.BusSession;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.CommandHandler;
import org.llmgine.api.bus.CommandResult;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventListener;
import org.llmgine.api.bus.ListenerOptions;
import org.llmgine.api.bus.MessageBus;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.api.bus.Publication;
import org.llmgine.api.bus.Registration;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.api.bus.SessionOptions;

/**
 * A bus for tests that does everything at once, on the thread of whoever sends: when {@code publish} returns, all listeners have
 * returned. It has no queues, no topics, no rankings and no sessions.
 */
public final class DirectBus implements MessageBus {
    private final Map<Class<?>, CommandHandler<Command<Object>, Object>> handlers = new ConcurrentHashMap<>();
    private final List<Listening> listeners = new CopyOnWriteArrayList<>();
    private final List<Event> published = new CopyOnWriteArrayList<>();
    private final AtomicInteger ids = new AtomicInteger();

    private record Listening(Class<?> type, String name, EventListener<Event> listener) {}

    /** Return all events that were published, in their order. */
    public List<Event> published() {
        return List.copyOf(published);
    }

    /** Return the events of a type that were published, in their order. */
    public <E extends Event> List<E> published(Class<E> type) {
        return published.stream().filter(type::isInstance).map(type::cast).toList();
    }

    @Override
    public <R> CommandResult<R> execute(Command<R> command) {
        return execute(command, SendOptions.DEFAULT);
    }

    /** Execute; the handler's type is that of the command it was registered for. */
    @Override
    @SuppressWarnings("unchecked")
    public <R> CommandResult<R> execute(Command<R> command, SendOptions options) {
        Context context = new Context("test-" + ids.incrementAndGet(), options);
        CommandHandler<Command<Object>, Object> handler = handlers.get(command.getClass());
        @Nullable R value = null;
        LlmgineException failure = null;
        if (handler == null) {
            failure = new LlmgineException(
                    ErrorCode.UNAVAILABLE,
                    "Nobody handles " + command.getClass().getSimpleName() + ".");
        } else {
            try {
                value = (R) handler.handle((Command<Object>) command, context);
            } catch (Exception e) {
                failure = contain(e);
            }
        }
        return new CommandResult<>(
                context.id(),
                context.session(),
                "test",
                Duration.ZERO,
                handler == null ? 0 : 1,
                value,
                Optional.ofNullable(failure));
    }

    private static LlmgineException contain(Exception thrown) {
        return thrown instanceof LlmgineException known
                ? known
                : new LlmgineException(ErrorCode.PLUGIN_FAILED, "It failed: " + thrown, thrown);
    }

    @Override
    public Publication publish(Event event) {
        return publish(event, SendOptions.DEFAULT);
    }

    @Override
    public Publication publish(Event event, SendOptions options) {
        Context context = new Context("test-" + ids.incrementAndGet(), options);
        published.add(event);
        List<Publication.Failure> failures = new ArrayList<>();
        for (Listening one : listeners) {
            if (one.type.isInstance(event)) {
                try {
                    one.listener.handle(event, context);
                } catch (Exception e) {
                    failures.add(new Publication.Failure(one.name, contain(e)));
                }
            }
        }
        return new Published(context.id(), failures);
    }

    @Override
    public Publication publishAndWait(Event event, SendOptions options) {
        return publish(event, options);
    }

    /** Handle; the command is of the handler's type, under which it is kept. */
    @Override
    @SuppressWarnings("unchecked")
    public <R, C extends Command<R>> Registration handle(Class<C> type, CommandHandler<C, R> handler) {
        if (handlers.putIfAbsent(type, (CommandHandler<Command<Object>, Object>) (CommandHandler<?, ?>) handler)
                != null) {
            throw new LlmgineException(ErrorCode.BUSY, type.getSimpleName() + " has a handler.");
        }
        return () -> handlers.remove(type);
    }

    /** Listen; the event is of the listener's type, which is checked. */
    @Override
    @SuppressWarnings("unchecked")
    public <E extends Event> Registration listen(Class<E> type, ListenerOptions options, EventListener<E> listener) {
        Listening one = new Listening(type, options.name(), (EventListener<Event>) listener);
        listeners.add(one);
        return () -> listeners.remove(one);
    }

    @Override
    public BusSession openSession(SessionOptions options) {
        throw new UnsupportedOperationException("This bus has no sessions.");
    }

    @Override
    public Optional<BusSession> session(String id) {
        return Optional.empty();
    }

    @Override
    public Optional<MessageContext> current() {
        return Optional.empty();
    }

    private record Published(String id, List<Failure> failures) implements Publication {
        @Override
        public State state() {
            return State.HANDLED;
        }

        @Override
        public String reason() {
            return "";
        }

        @Override
        public boolean await(Duration timeout) {
            return true;
        }

        @Override
        public void orElseThrow() {
            if (!failures.isEmpty()) {
                throw failures.getFirst().failure();
            }
        }
    }

    /** What tells about one message; nothing cancels it. */
    record Context(String id, SendOptions options) implements MessageContext {
        @Override
        public Optional<String> cause() {
            return Optional.empty();
        }

        @Override
        public String session() {
            return options.session().orElse(MessageBus.NO_SESSION);
        }

        @Override
        public Principal principal() {
            return options.principal().orElse(Principal.ANONYMOUS);
        }

        @Override
        public Instant sent() {
            return Instant.EPOCH;
        }

        @Override
        public String origin() {
            return "test";
        }

        @Override
        public Map<String, String> metadata() {
            return options.metadata();
        }

        @Override
        public String idempotencyKey() {
            return options.idempotencyKey().orElse(id);
        }

        @Override
        public int attempt() {
            return 1;
        }

        @Override
        public boolean cancelled() {
            return false;
        }

        @Override
        public void checkCancelled() {
            // Nothing cancels it.
        }

        @Override
        public Registration onCancel(Runnable action) {
            return () -> {};
        }

        @Override
        public <T> T call(Callable<T> work) throws Exception {
            return work.call();
        }

        @Override
        public void run(Runnable work) {
            work.run();
        }
    }
}
