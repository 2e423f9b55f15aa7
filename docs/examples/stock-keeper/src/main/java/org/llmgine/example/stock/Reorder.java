package org.llmgine.example.stock;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.llmgine.api.bus.EventListener;
import org.llmgine.api.bus.ListensTo;
import org.llmgine.api.bus.MessageContext;
import org.osgi.service.component.annotations.Component;

@Component
@ListensTo(events = Reserved.class)
public final class Reorder implements EventListener<Reserved> {
    private final List<String> wanted = new CopyOnWriteArrayList<>();

    @Override
    public void handle(Reserved event, MessageContext context) {
        if (event.left() == 0) {
            wanted.add(event.item());
        }
    }

    List<String> wanted() {
        return wanted;
    }
}
