package org.llmgine.core.command;

import org.llmgine.api.Principal;
import org.llmgine.bus.DeadLetter;

/**
 * Read one message that was given up. Needs the role {@code operator}. Fails with {@code not_found}.
 *
 * @param principal who asks
 * @param letter the letter's id
 */
public record GetDeadLetter(Principal principal, String letter) implements Command<DeadLetter> {}
