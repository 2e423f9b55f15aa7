package org.llmgine.api.stream;

/**
 * Carry the next piece of the model's refusal, where the back-end tells it apart from text.
 *
 * @param text the piece; not empty
 */
public record RefusalDelta(String text) implements StreamEvent {}
