package org.llmgine.api.stream;

import java.time.Duration;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.tool.ToolResult;

/**
 * Tell how a tool call ended.
 *
 * @param call the call
 * @param result the result, which may be an error
 * @param elapsed the time that the call took
 */
public record ToolFinished(ToolCall call, ToolResult result, Duration elapsed) implements StreamEvent {}
