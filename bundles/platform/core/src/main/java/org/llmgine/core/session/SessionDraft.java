package org.llmgine.core.session;

import java.util.List;
import java.util.Optional;

/**
 * Say what a session is to be. What is empty is left as it is, or in a new session to the host.
 *
 * @param title what people call it
 * @param engine an engine's name
 * @param model an {@code instance/model}, {@code default} or an alias
 * @param systemPrompt what the model is told first
 * @param tools the names of the tools that turns may use; an inner empty value for all the host has
 * @param settings the options, which replace the former ones as a whole
 */
public record SessionDraft(
        Optional<String> title,
        Optional<String> engine,
        Optional<String> model,
        Optional<String> systemPrompt,
        Optional<Optional<List<String>>> tools,
        Optional<SessionSettings> settings) {
    /** Leave everything to the host, or as it is. */
    public static final SessionDraft EMPTY = new SessionDraft(
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
}
