package org.llmgine.core.command;

import java.util.List;
import org.llmgine.bus.DeadLetter;

/**
 * Hold some messages that were given up.
 *
 * @param letters the letters, oldest first
 * @param count how many there are in all, of every type
 */
public record DeadLetterPage(List<DeadLetter> letters, int count) {
    /** Copy. */
    public DeadLetterPage {
        letters = List.copyOf(letters);
    }
}
