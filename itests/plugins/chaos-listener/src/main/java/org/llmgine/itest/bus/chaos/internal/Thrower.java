package org.llmgine.itest.bus.chaos.internal;

import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventListener;
import org.llmgine.api.bus.ListensTo;
import org.llmgine.api.bus.MessageContext;
import org.osgi.service.component.annotations.Component;

/** Throws all kinds of things. */
@Component
@ListensTo(events = Event.class, topics = "itest/chaos/*")
public final class Thrower implements EventListener<Event> {
    @Override
    public void handle(Event event, MessageContext context) throws Exception {
        switch (Math.floorMod(event.hashCode(), 4)) {
            case 0 -> throw new IllegalStateException("on purpose");
            case 1 -> throw new NoClassDefFoundError("on purpose");
            case 2 -> throw new StackOverflowError();
            default -> throw new InterruptedException();
        }
    }
}
