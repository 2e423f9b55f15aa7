package org.llmgine.itest.bus.faulty.internal;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.bus.CommandHandler;
import org.llmgine.api.bus.Handles;
import org.llmgine.api.bus.MessageBus;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.api.bus.Schedule;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.api.bus.Timers;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;

/** Fails while its setting {@code fails} says so; its timer asks it every second. */
@Component(configurationPid = "org.llmgine.itest.bus.faulty", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Handles(handles = Tick.class)
public final class TickHandler implements CommandHandler<Tick, Void> {
    private final MessageBus bus;
    private volatile boolean fails;

    @Activate
    public TickHandler(@Reference MessageBus bus, @Reference Timers timers, Map<String, Object> settings) {
        this.bus = bus;
        modified(settings);
        timers.schedule("itest/tick", Schedule.every(Duration.ofSeconds(1)), new Tick("tock"), SendOptions.DEFAULT);
    }

    @Modified
    void modified(Map<String, Object> settings) {
        fails = "true".equals(settings.get("fails"));
    }

    @Override
    public @Nullable Void handle(Tick command, MessageContext context) {
        if (fails) {
            throw new IllegalStateException("It was told to fail.");
        }
        bus.publish(new Ticked(command.what()));
        return null;
    }
}
