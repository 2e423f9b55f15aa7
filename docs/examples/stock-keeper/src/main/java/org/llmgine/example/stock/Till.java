package org.llmgine.example.stock;

import java.time.Duration;
import java.util.Optional;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.BusSession;
import org.llmgine.api.bus.CommandResult;
import org.llmgine.api.bus.ListenerOptions;
import org.llmgine.api.bus.MessageBus;
import org.llmgine.api.bus.Publication;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.api.bus.SessionOptions;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

@Component(service = Till.class)
public final class Till {
    private final MessageBus bus;

    @Activate
    public Till(@Reference MessageBus bus) {
        this.bus = bus;
    }

    int sell(String item) {
        // Throws the handler's own failure; within 2 s there is one or the other.
        return bus.execute(new Reserve(item, 1), SendOptions.DEFAULT.withTimeout(Duration.ofSeconds(2)))
                .orElseThrow();
    }

    Optional<String> trySelling(String item) {
        CommandResult<Integer> result = bus.execute(new Reserve(item, 1));
        return result.failure().map(LlmgineException::getMessage);
    }

    void correct(String item, int left) {
        Publication told = bus.publishAndWait(new Reserved(item, 0, left), SendOptions.inSession("till-1"));
        told.orElseThrow();
    }

    int serveOneCustomer() {
        SessionOptions options = SessionOptions.DEFAULT.withTimeToLive(Duration.ofMinutes(10));
        try (BusSession customer = bus.openSession(options)) {
            customer.listen(
                    Reserved.class,
                    ListenerOptions.named("receipt").withRanking(10),
                    (event, context) -> customer.attribute("last", event.item()));
            return customer.execute(new Reserve("tea", 1)).orElseThrow();
        }
    }
}
