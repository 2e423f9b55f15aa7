package org.llmgine.core.session;

import java.util.List;
import java.util.Optional;
import org.llmgine.api.message.ContentPart;

/**
 * Say what a turn is to answer.
 *
 * @param prompt the prompt's content; empty to answer the replaced message, as it is, once more
 * @param replaces the user's message beside which the prompt goes, on a branch of its own; empty to go on at the session's
 *     head. Without a prompt the new answer goes beside the former one
 */
public record TurnDraft(List<ContentPart> prompt, Optional<String> replaces) {
    /** Copy the list. */
    public TurnDraft {
        prompt = List.copyOf(prompt);
    }
}
