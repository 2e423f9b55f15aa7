package org.llmgine.api.stream;

/**
 * Carry the next piece of the answer's text.
 *
 * @param text the piece, as the back-end cut it; not empty
 */
public record TextDelta(String text) implements StreamEvent {}
