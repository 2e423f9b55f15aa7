package org.llmgine.core.session;

import java.util.List;
import java.util.Optional;
import org.llmgine.api.message.ContentPart;

/**
 * Say what a turn is to answer.
 *
 * @param prompt the prompt's content; empty to send the replaced message again as it is
 * @param replaces the user's message in whose place the prompt goes, on a new branch; empty to go on at the session's head
 */
public record TurnDraft(List<ContentPart> prompt, Optional<String> replaces) {
    /** Copy the list. */
    public TurnDraft {
        prompt = List.copyOf(prompt);
    }
}
