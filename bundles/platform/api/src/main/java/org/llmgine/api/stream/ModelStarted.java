package org.llmgine.api.stream;

/**
 * Tell which model answers; the host emits it before the first event of each model call.
 *
 * @param model the full name, {@code instance/model}
 */
public record ModelStarted(String model) implements StreamEvent {}
