package org.llmgine.core.session;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Describe a session.
 *
 * @param id the id, {@code sess_…}
 * @param owner the name of the principal that it belongs to
 * @param title what people call it, possibly empty
 * @param engine the name of the engine that runs its turns
 * @param model what a request's {@code model} may name, but for an engine
 * @param systemPrompt what the model is told first, possibly empty
 * @param tools the names of the tools that its turns may use; empty for all the host has
 * @param settings the options of its model calls and turns
 * @param head the message that the conversation ends with at present; empty while there is none
 * @param created when it was made
 * @param updated when it or its conversation last changed
 * @param turn the turn that runs or waits; empty when none does
 */
public record Session(
        String id,
        String owner,
        String title,
        String engine,
        String model,
        String systemPrompt,
        Optional<List<String>> tools,
        SessionSettings settings,
        Optional<String> head,
        Instant created,
        Instant updated,
        Optional<String> turn) {
    /** Copy the list. */
    public Session {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(owner, "owner");
        tools = tools.map(List::copyOf);
    }
}
