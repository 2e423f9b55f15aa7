package org.llmgine.api.stream;

/**
 * Carry the next piece of the model's reasoning, where the back-end shows it.
 *
 * @param text the piece; not empty
 */
public record ReasoningDelta(String text) implements StreamEvent {}
