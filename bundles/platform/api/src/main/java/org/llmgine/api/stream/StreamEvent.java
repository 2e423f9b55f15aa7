package org.llmgine.api.stream;

/**
 * Mark what flows while a question is answered. The hierarchy is open: consumers ignore the kinds they don't know.
 *
 * <p>Events are immutable and may be passed between threads.
 */
public interface StreamEvent {}
