package org.llmgine.bus.internal;

import java.util.List;
import java.util.Optional;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.Schedule;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.api.bus.TimerEntry;
import org.llmgine.api.bus.Timers;
import org.llmgine.bus.StoredMessage;
import org.osgi.service.component.ComponentContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ServiceScope;

/** The timers as one bundle has them: it says whose they are. */
@Component(service = Timers.class, scope = ServiceScope.BUNDLE)
public final class BundleTimers implements Timers {
    private final TimerEngine engine;
    private final Owner owner;

    /** Make the timers of the bundle that asks for them. */
    @Activate
    public BundleTimers(@Reference TimerHost host, ComponentContext context) {
        this(host.engine(), BusHost.owner(context.getUsingBundle()));
    }

    BundleTimers(TimerEngine engine, Owner owner) {
        this.engine = engine;
        this.owner = owner;
    }

    @Override
    public TimerEntry schedule(String name, Schedule schedule, Command<?> command, SendOptions options) {
        return engine.schedule(owner, name, schedule, command, StoredMessage.COMMAND, options);
    }

    @Override
    public TimerEntry schedule(String name, Schedule schedule, Event event, SendOptions options) {
        return engine.schedule(owner, name, schedule, event, StoredMessage.EVENT, options);
    }

    @Override
    public List<TimerEntry> list(String after, int limit) {
        return engine.list(after, limit);
    }

    @Override
    public Optional<TimerEntry> find(String idOrName) {
        return engine.find(idOrName);
    }

    @Override
    public boolean cancel(String idOrName) {
        return engine.cancel(idOrName);
    }
}
