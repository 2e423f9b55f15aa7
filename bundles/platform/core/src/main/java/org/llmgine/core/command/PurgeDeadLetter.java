package org.llmgine.core.command;

import org.llmgine.api.Principal;
import org.llmgine.bus.DeadLetter;

/**
 * Throw a message that was given up away, and return it. Needs the role {@code operator}. Fails with {@code not_found}.
 *
 * @param principal who asks
 * @param letter the letter's id
 */
public record PurgeDeadLetter(Principal principal, String letter) implements AuditedCommand<DeadLetter> {
    @Override
    public String target() {
        return letter;
    }
}
