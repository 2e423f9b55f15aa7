package org.llmgine.core.command;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Describe one name that a request's {@code model} may have.
 *
 * @param id the name
 * @param owner the provider's instance, {@code engine} or {@code llmgine} (for {@code default} and aliases)
 * @param target what {@code default} or an alias stands for
 * @param capabilities what the model takes beside text, see {@link org.llmgine.api.model.ModelInfo}
 * @param contextTokens how many tokens a request and its answer may have together, where it is known
 */
public record ModelEntry(
        String id, String owner, Optional<String> target, Set<String> capabilities, OptionalInt contextTokens) {}
