package org.llmgine.itest.bus.chaos.internal;

import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventListener;
import org.llmgine.api.bus.ListensTo;
import org.llmgine.api.bus.MessageBus;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.api.bus.SendOptions;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.propertytypes.ServiceRanking;

/** Answers each event with many, in its own session and in another one, and waits for one in the other. */
@Component
@ListensTo(events = Event.class, topics = "itest/chaos/*")
@ServiceRanking(-10)
public final class Flooder implements EventListener<Event> {
    private static final int MANY = 50;

    private final MessageBus bus;

    @Activate
    public Flooder(@Reference MessageBus bus) {
        this.bus = bus;
    }

    @Override
    public void handle(Event event, MessageContext context) {
        Flood flood = new Flood("x".repeat(200));
        SendOptions other = SendOptions.inSession("chaos-" + Math.floorMod(event.hashCode(), 8));
        for (int i = 0; i < MANY; i++) {
            bus.publish(flood);
            bus.publish(flood, other);
        }
        bus.publishAndWait(flood, other);
    }
}
