package org.llmgine.core.command;

import org.llmgine.api.Principal;

/**
 * List the messages that were given up, oldest first. Needs the role {@code operator}.
 *
 * <p>Fails with {@code invalid_request} and the field {@code limit}.
 *
 * @param principal who asks
 * @param type the message's type; empty for all
 * @param after the letter's id after which to go on; empty to begin with the oldest
 * @param limit how many at most, 1 to {@value org.llmgine.bus.DeadLetters#MOST}
 */
public record ListDeadLetters(Principal principal, String type, String after, int limit)
        implements Command<DeadLetterPage> {}
