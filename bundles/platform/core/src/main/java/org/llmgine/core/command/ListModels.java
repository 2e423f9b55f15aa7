package org.llmgine.core.command;

import java.util.List;
import org.llmgine.api.Principal;

/**
 * List what a request's {@code model} may name: every provider's models, {@code default}, the aliases, and
 * {@code engine/NAME} for each engine. Needs the role {@code viewer}.
 *
 * @param principal who asks
 */
public record ListModels(Principal principal) implements Command<List<ModelEntry>> {}
