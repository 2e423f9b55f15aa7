package org.llmgine.api.engine;

import java.util.List;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.tool.ToolResult;

/**
 * Hold the results of one round of tool calls.
 *
 * @param results the results of the calls that ran, in the order of the calls
 * @param pending the calls that must wait for a person's approval; empty when all ran
 */
public record ToolRound(List<ToolResult> results, List<ToolCall> pending) {
    /** Copy the lists. */
    public ToolRound {
        results = List.copyOf(results);
        pending = List.copyOf(pending);
    }
}
