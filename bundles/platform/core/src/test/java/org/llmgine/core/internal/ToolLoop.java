package org.llmgine.core.internal;

import java.util.Map;
import org.llmgine.api.engine.Engine;
import org.llmgine.api.engine.Turn;
import org.llmgine.api.engine.TurnEmitter;
import org.llmgine.api.engine.TurnOutcome;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelAnswer;
import org.llmgine.api.tool.Tool;
import org.llmgine.api.tool.ToolContext;
import org.llmgine.api.tool.ToolDefinition;
import org.llmgine.api.tool.ToolResult;

/** Calls the model and its tools until the model asks for none. */
final class ToolLoop implements Engine {
    @Override
    public TurnOutcome run(Turn turn, TurnEmitter emitter) {
        while (true) {
            ModelAnswer answer = ModelAnswer.relay(turn.open(turn.request()), emitter::emit);
            turn.append(answer.message());
            if (answer.message().toolCalls().isEmpty()) {
                return TurnOutcome.completed(answer.finishReason());
            }
            turn.callTools(answer.message().toolCalls());
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
        return new Tool<>() {
            @Override
            public ToolDefinition<Map<String, Object>> definition() {
                return ToolDefinition.ofSchema(name, "", "{\"type\": \"object\"}");
            }

            @Override
            public ToolResult call(Map<String, Object> arguments, ToolContext context) throws Exception {
                return ToolResult.text(work.call(arguments));
            }
        };
    }
}
