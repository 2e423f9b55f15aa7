package org.llmgine.api.stream;

/**
 * Tell people what the engine is doing.
 *
 * @param phase a short stable word for programs, for example {@code thinking}
 * @param text a sentence for people
 */
public record StatusUpdate(String phase, String text) implements StreamEvent {}
