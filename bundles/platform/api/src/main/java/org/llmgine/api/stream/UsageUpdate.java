package org.llmgine.api.stream;

/**
 * Report the tokens of one model call so far; the last report of a call counts.
 *
 * @param usage the call's tokens so far, not an increment
 */
public record UsageUpdate(Usage usage) implements StreamEvent {}
