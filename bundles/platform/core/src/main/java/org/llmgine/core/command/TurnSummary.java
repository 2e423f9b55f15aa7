package org.llmgine.core.command;

import java.util.Optional;
import org.llmgine.api.stream.Usage;

/**
 * Sum up a turn.
 *
 * @param turnId the turn's id
 * @param model the full name of the model that served last, {@code instance/model}
 * @param usage the tokens of all model calls; empty when no back-end told
 * @param finishReason why the answer ended, see {@link org.llmgine.api.stream.Finish}
 */
public record TurnSummary(String turnId, String model, Optional<Usage> usage, String finishReason) {}
