package org.llmgine.itest.bus.chaos.internal;

import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventListener;
import org.llmgine.api.bus.ListensTo;
import org.llmgine.api.bus.MessageContext;
import org.osgi.service.component.annotations.Component;

/** Takes the flood. */
@Component
@ListensTo(events = Event.class, topics = "itest/flood/*")
public final class Sponge implements EventListener<Event> {
    @Override
    public void handle(Event event, MessageContext context) {
        Thread.yield();
    }
}
