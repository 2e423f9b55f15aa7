package org.llmgine.api.stream;

import org.llmgine.api.message.ToolCall;

/**
 * Tell that the host runs a tool.
 *
 * @param call the call
 */
public record ToolStarted(ToolCall call) implements StreamEvent {}
