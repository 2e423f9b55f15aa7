package org.llmgine.bus.internal;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
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
import org.llmgine.api.bus.Publication;
import org.llmgine.api.bus.Registration;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.api.bus.SessionEnded;
import org.llmgine.api.bus.SessionOptions;
import org.llmgine.api.bus.SessionStarted;

/** An open session. */
final class OpenSession implements BusSession {
    private final Bus bus;
    private final Owner opener;
    private final String id;
    private final Principal owner;
    private final Instant started;
    private final Optional<Duration> timeToLive;
    private final Map<Class<?>, HandlerEntry> handlers = new ConcurrentHashMap<>();
    private final Map<String, Object> attributes = new ConcurrentHashMap<>();
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile Routes routes;
    private volatile long touched = System.nanoTime();

    OpenSession(Bus bus, Owner opener, String id, SessionOptions options) {
        this.bus = bus;
        this.opener = opener;
        this.id = id;
        owner = options.owner().orElseGet(() -> principal(Context.now()));
        timeToLive = options.timeToLive();
        started = bus.clock().instant();
        routes = Routes.NONE.inheriting(bus.routes());
    }

    private static Principal principal(@Nullable Context context) {
        return context == null ? Principal.ANONYMOUS : context.principal();
    }

    void tellStarted() {
        bus.publish(new SessionStarted(id, owner.name()), options(), opener);
    }

    private SendOptions options() {
        return SendOptions.inSession(id).withPrincipal(owner);
    }

    @Nullable HandlerEntry handler(Class<?> type) {
        return handlers.get(type);
    }

    Routes routes() {
        Routes now = routes;
        return now.inherits(bus.routes()) ? now : refreshed();
    }

    private synchronized Routes refreshed() {
        routes = routes.inheriting(bus.routes());
        return routes;
    }

    boolean isOpenedBy(Owner one) {
        return opener == one;
    }

    void touch() {
        if (timeToLive.isPresent()) {
            touched = System.nanoTime();
        }
    }

    void watch(long nanoTime) {
        if (timeToLive.isPresent() && nanoTime - touched > timeToLive.get().toNanos()) {
            end();
        }
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Principal owner() {
        return owner;
    }

    @Override
    public Instant started() {
        return started;
    }

    @Override
    public boolean active() {
        return !ended.get();
    }

    @Override
    public Optional<Object> attribute(String name) {
        return Optional.ofNullable(attributes.get(name));
    }

    @Override
    public synchronized void attribute(String name, Object value) {
        checkActive();
        attributes.put(name, value);
    }

    @Override
    public void removeAttribute(String name) {
        attributes.remove(name);
    }

    private LlmgineException over() {
        return new LlmgineException(ErrorCode.NOT_FOUND, "The session '" + id + "' has ended.");
    }

    private void checkActive() {
        if (ended.get()) {
            throw over();
        }
    }

    @Override
    public <R, C extends Command<R>> Registration handle(Class<C> type, CommandHandler<C, R> handler) {
        HandlerEntry entry = new HandlerEntry(opener, Bus.handlerName(handler), 0, handler);
        synchronized (this) {
            checkActive();
            if (handlers.putIfAbsent(type, entry) != null) {
                throw Bus.hasHandler(type);
            }
        }
        return () -> {
            entry.close();
            handlers.remove(type, entry);
        };
    }

    @Override
    public <E extends Event> Registration listen(Class<E> type, ListenerOptions options, EventListener<E> listener) {
        ListenerEntry entry = new ListenerEntry(opener, type, options, listener);
        synchronized (this) {
            checkActive();
            routes = routes.with(entry);
        }
        return () -> {
            entry.close();
            synchronized (this) {
                routes = routes.without(entry);
            }
        };
    }

    @Override
    public <R> CommandResult<R> execute(Command<R> command) {
        if (ended.get()) {
            return new CommandResult<>("", id, "", Duration.ZERO, 0, null, Optional.of(over()));
        }
        return bus.execute(command, options(), opener);
    }

    @Override
    public Publication publish(Event event) {
        return ended.get()
                ? bus.rejected(event, options(), opener, over().getMessage())
                : bus.publish(event, options(), opener);
    }

    @Override
    public void end() {
        end(Optional.empty());
    }

    @Override
    public void end(LlmgineException failure) {
        end(Optional.of(failure));
    }

    @Override
    public void close() {
        end();
    }

    private void end(Optional<LlmgineException> failure) {
        synchronized (this) {
            if (!ended.compareAndSet(false, true)) {
                return;
            }
            bus.ended(this);
            handlers.values().forEach(Entry::close);
            handlers.clear();
            routes = Routes.NONE.inheriting(bus.routes());
            attributes.clear();
        }
        bus.publish(
                new SessionEnded(id, failure.map(e -> e.code().name()), failure.map(LlmgineException::getMessage)),
                options(),
                opener);
    }
}
