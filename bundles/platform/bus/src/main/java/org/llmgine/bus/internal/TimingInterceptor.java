package org.llmgine.bus.internal;

import com.codahale.metrics.LockFreeExponentiallyDecayingReservoir;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.Interceptor;
import org.llmgine.api.bus.MessageContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** Times commands, the publishing of events and listeners' calls, failed ones too; each type in a timer of bounded size. */
@Component(
        service = Interceptor.class,
        configurationPid = TimingConfig.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = TimingConfig.class, factory = true)
public final class TimingInterceptor implements Interceptor {
    private final Topics topics;
    private final MetricRegistry registry;
    private final Set<String> names = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    @Activate
    public TimingInterceptor(TimingConfig config, @Reference MetricRegistry registry) {
        topics = new Topics(config.topics());
        this.registry = registry;
    }

    @Deactivate
    void close() {
        closed = true;
        names.forEach(registry::remove);
    }

    @Override
    public <R> @Nullable R aroundCommand(Command<R> command, MessageContext context, CommandChain<R> next)
            throws Exception {
        return timed("command", command, next::proceed);
    }

    @Override
    public void aroundEvent(Event event, MessageContext context, EventChain next) throws Exception {
        timed("event", event, () -> {
            next.proceed();
            return this;
        });
    }

    @Override
    public void aroundListener(Event event, MessageContext context, String listener, EventChain next) throws Exception {
        timed("listener", event, () -> {
            next.proceed();
            return this;
        });
    }

    private <R> R timed(String what, Object message, Callable<R> work) throws Exception {
        Optional<String> type = topics.typeOf(message);
        if (type.isEmpty()) {
            return work.call();
        }
        long begun = System.nanoTime();
        try {
            return work.call();
        } finally {
            update("llmgine_bus_timing_" + what + "_seconds{type=\"" + type.get() + "\"}", System.nanoTime() - begun);
        }
    }

    private void update(String name, long nanos) {
        names.add(name);
        registry.timer(
                        name,
                        () -> new Timer(
                                LockFreeExponentiallyDecayingReservoir.builder().build()))
                .update(nanos, TimeUnit.NANOSECONDS);
        if (closed) {
            // What ran when it was closed ends on it.
            registry.remove(name);
        }
    }
}
