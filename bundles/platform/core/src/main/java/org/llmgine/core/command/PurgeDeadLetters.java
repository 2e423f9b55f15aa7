package org.llmgine.core.command;

import org.llmgine.api.Principal;

/**
 * Throw all messages that were given up away, and return how many there were. Needs the role {@code operator}.
 *
 * @param principal who asks
 * @param type the message's type; empty for all
 */
public record PurgeDeadLetters(Principal principal, String type) implements AuditedCommand<Integer> {
    @Override
    public String target() {
        return type;
    }
}
