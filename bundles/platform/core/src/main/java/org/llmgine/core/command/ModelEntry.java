package org.llmgine.core.command;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Describe one name that a request's {@code model} may have.
 *
 * @param id the name
 * @param owner the provider's instance, {@code engine} or {@code llmgine} (for {@code default} and aliases)
 * @param target what {@code default} or an alias stands for; of a chain all names, separated by spaces, in the order in which
 *     they are tried
 * @param capabilities what the model takes beside text, see {@link org.llmgine.api.model.ModelInfo}; of a chain what some model
 *     of it takes, but {@link org.llmgine.api.model.ModelInfo#EXTENSIONS} only if each does
 * @param contextTokens how many tokens a request and its answer may have together, where it is known; of a chain the least
 */
public record ModelEntry(
        String id, String owner, Optional<String> target, Set<String> capabilities, OptionalInt contextTokens) {}
