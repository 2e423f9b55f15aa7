package org.llmgine.bus.internal;

import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventFilter;
import org.llmgine.api.bus.MessageContext;

/** A filter of some bundle. One that is going lets everything pass. */
final class FilterEntry extends Entry implements EventFilter {
    private final EventFilter filter;

    FilterEntry(Owner owner, String name, EventFilter filter) {
        super(owner, name);
        this.filter = filter;
    }

    @Override
    public boolean passes(Event event, MessageContext context) {
        if (!enter()) {
            return true;
        }
        try {
            return filter.passes(event, context);
        } finally {
            leave();
        }
    }
}
