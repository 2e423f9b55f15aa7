package org.llmgine.core.internal;

import java.util.Map;
import org.llmgine.api.engine.Engine;
import org.llmgine.api.engine.ToolRound;
import org.llmgine.api.engine.Turn;
import org.llmgine.api.engine.TurnEmitter;
import org.llmgine.api.engine.TurnOutcome;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelAnswer;
import org.llmgine.api.tool.Tool;
import org.llmgine.api.tool.ToolContext;
import org.llmgine.api.tool.ToolDefinition;
import org.llmgine.api.tool.ToolResult;

/** Calls the model and its tools until the model asks for none, or a call waits for a person. */
final class ToolLoop implements Engine {
    @Override
    public TurnOutcome run(Turn turn, TurnEmitter emitter) {
        while (true) {
            ModelAnswer answer = ModelAnswer.relay(turn.open(turn.request()), emitter::emit);
            turn.append(answer.message());
            if (answer.message().toolCalls().isEmpty()) {
                return TurnOutcome.completed(answer.finishReason());
            }
            ToolRound round = turn.callTools(answer.message().toolCalls());
            if (!round.pending().isEmpty()) {
                return TurnOutcome.suspended(round.pending());
            }
        }
    }

    static ToolCall call(String id, String name, String arguments) {
        return new ToolCall(id, name, arguments);
    }

    /** What a tool does with its arguments. */
    interface Work {
        String call(Map<String, Object> arguments) throws Exception;
    }

    static Tool<Map<String, Object>> tool(String name, Work work) {
        return tool(ToolDefinition.ofSchema(name, "", "{\"type\": \"object\"}"), work);
    }

    /** Make a tool whose calls a person must approve. */
    static Tool<Map<String, Object>> asking(String name, Work work) {
        return tool(ToolDefinition.ofSchema(name, "", "{\"type\": \"object\"}").withApproval(), work);
    }

    private static Tool<Map<String, Object>> tool(ToolDefinition<Map<String, Object>> definition, Work work) {
        return new Tool<>() {
            @Override
            public ToolDefinition<Map<String, Object>> definition() {
                return definition;
            }

            @Override
            public ToolResult call(Map<String, Object> arguments, ToolContext context) throws Exception {
                return ToolResult.text(work.call(arguments));
            }
        };
    }
}
