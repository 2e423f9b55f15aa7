package org.llmgine.core.command;

import org.llmgine.api.Principal;

/**
 * Find out what a request's {@code model} stands for at last: a model of a provider, or an engine. Only that provider is asked.
 * Of a chain it is the first model whose provider is there, with what the chain takes.
 * Needs the role {@code viewer}; fails with {@code model_not_found}.
 *
 * <p>The entry's {@code id} is {@code instance/model} or {@code engine/NAME}, whatever alias led there, so it has no target of
 * its own. A model whose provider doesn't tell its models, or not in time, is described with every capability of
 * {@link org.llmgine.api.model.ModelInfo}, because the host passes everything on to it.
 *
 * @param principal who asks
 * @param model the name, as in a request
 */
public record ResolveModel(Principal principal, String model) implements Command<ModelEntry> {}
