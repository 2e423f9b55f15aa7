package org.llmgine.core.command;

import java.util.List;
import org.llmgine.api.Principal;
import org.llmgine.bus.DeadLetters;

/**
 * Send all messages that were given up again, oldest first. Needs the role {@code operator}.
 *
 * @param principal who asks
 * @param type the message's type; empty for all
 */
public record RetryDeadLetters(Principal principal, String type) implements AuditedCommand<List<DeadLetters.Retried>> {
    @Override
    public String target() {
        return type;
    }
}
