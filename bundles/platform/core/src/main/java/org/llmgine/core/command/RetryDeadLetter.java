package org.llmgine.core.command;

import org.llmgine.api.Principal;
import org.llmgine.bus.DeadLetters;

/**
 * Send a message that was given up again; its letter is removed when that succeeds. Needs the role {@code operator}. Fails with {@code not_found}.
 *
 * @param principal who asks
 * @param letter the letter's id
 */
public record RetryDeadLetter(Principal principal, String letter) implements AuditedCommand<DeadLetters.Retried> {
    @Override
    public String target() {
        return letter;
    }
}
