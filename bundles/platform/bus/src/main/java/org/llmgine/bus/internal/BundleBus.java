package org.llmgine.bus.internal;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
import org.osgi.service.component.ComponentContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ServiceScope;

/** The bus as one bundle has it: it says whose messages they are, and takes back what the bundle registered. */
@Component(service = MessageBus.class, scope = ServiceScope.BUNDLE)
public final class BundleBus implements MessageBus {
    private final Bus bus;
    private final Owner owner;
    private final Set<Registration> registrations = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** Make the bus of the bundle that asks for it. */
    @Activate
    public BundleBus(@Reference BusHost host, ComponentContext context) {
        this(host.bus(), BusHost.owner(context.getUsingBundle()));
    }

    BundleBus(Bus bus, Owner owner) {
        this.bus = bus;
        this.owner = owner;
    }

    @Override
    public <R> CommandResult<R> execute(Command<R> command) {
        return execute(command, SendOptions.DEFAULT);
    }

    @Override
    public <R> CommandResult<R> execute(Command<R> command, SendOptions options) {
        return bus.execute(command, options, owner);
    }

    @Override
    public Publication publish(Event event) {
        return publish(event, SendOptions.DEFAULT);
    }

    @Override
    public Publication publish(Event event, SendOptions options) {
        return bus.publish(event, options, owner);
    }

    @Override
    public Publication publishAndWait(Event event, SendOptions options) {
        return bus.publishAndWait(event, options, owner);
    }

    @Override
    public <R, C extends Command<R>> Registration handle(Class<C> type, CommandHandler<C, R> handler) {
        HandlerEntry entry = bus.addOnly(owner, type, handler);
        return registered(() -> bus.remove(type, entry));
    }

    @Override
    public <E extends Event> Registration listen(Class<E> type, ListenerOptions options, EventListener<E> listener) {
        ListenerEntry entry = new ListenerEntry(owner, type, options, listener);
        bus.add(entry);
        return registered(() -> bus.remove(entry));
    }

    private Registration registered(Runnable end) {
        Registration registration = new Registration() {
            @Override
            public void close() {
                if (registrations.remove(this)) {
                    end.run();
                }
            }
        };
        registrations.add(registration);
        if (closed) {
            registration.close();
        }
        return registration;
    }

    @Override
    public BusSession openSession(SessionOptions options) {
        OpenSession session = bus.open(owner, options);
        if (closed) {
            session.end();
        }
        return session;
    }

    @Override
    public Optional<BusSession> session(String id) {
        return bus.session(id).map(session -> session);
    }

    @Override
    public Optional<MessageContext> current() {
        return Optional.ofNullable(Context.now());
    }

    /** Take back what was registered. */
    @Deactivate
    void close() {
        closed = true;
        registrations.forEach(Registration::close);
        bus.endSessionsOf(owner);
        bus.forgetTypes();
    }
}
