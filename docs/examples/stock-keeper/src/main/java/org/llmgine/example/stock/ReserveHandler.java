package org.llmgine.example.stock;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.CommandHandler;
import org.llmgine.api.bus.Handles;
import org.llmgine.api.bus.MessageBus;
import org.llmgine.api.bus.MessageContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

@Component
@Handles(handles = Reserve.class)
public final class ReserveHandler implements CommandHandler<Reserve, Integer> {
    private final MessageBus bus;
    private final Map<String, Integer> stock = new ConcurrentHashMap<>(Map.of("tea", 3));

    @Activate
    public ReserveHandler(@Reference MessageBus bus) {
        this.bus = bus;
    }

    @Override
    public Integer handle(Reserve command, MessageContext context) {
        int left = stock.merge(command.item(), -command.count(), Integer::sum);
        if (left < 0) {
            stock.merge(command.item(), command.count(), Integer::sum);
            throw new LlmgineException(ErrorCode.LIMIT_REACHED, "There is not enough '" + command.item() + "'.");
        }
        bus.publish(new Reserved(command.item(), command.count(), left));
        return left;
    }
}
