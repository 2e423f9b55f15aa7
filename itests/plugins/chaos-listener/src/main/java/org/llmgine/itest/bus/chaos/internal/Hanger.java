package org.llmgine.itest.bus.chaos.internal;

import java.util.concurrent.CountDownLatch;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventListener;
import org.llmgine.api.bus.ListensTo;
import org.llmgine.api.bus.MessageContext;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.propertytypes.ServiceRanking;

/** Hangs with one event of a hundred. */
@Component
@ListensTo(events = Event.class, topics = "itest/chaos/*")
@ServiceRanking(10)
public final class Hanger implements EventListener<Event> {
    @Override
    public void handle(Event event, MessageContext context) throws InterruptedException {
        if (Math.floorMod(event.hashCode(), 100) == 7) {
            new CountDownLatch(1).await();
        }
    }
}
