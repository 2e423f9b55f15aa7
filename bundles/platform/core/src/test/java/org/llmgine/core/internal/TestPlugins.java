package org.llmgine.core.internal;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.engine.Engine;
import org.llmgine.api.engine.Turn;
import org.llmgine.api.engine.TurnEmitter;
import org.llmgine.api.engine.TurnOutcome;
import org.llmgine.api.model.ModelAnswer;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.tool.Tool;
import org.llmgine.api.tool.ToolContext;
import org.llmgine.api.tool.ToolDefinition;
import org.llmgine.api.tool.ToolResult;
import org.llmgine.testkit.ScriptedStream;

/** Components for bundles of tests. */
public final class TestPlugins {
    private TestPlugins() {}

    /** Relays the model's answer. */
    public static final class RelayEngine implements Engine {
        @Override
        public TurnOutcome run(Turn turn, TurnEmitter emitter) {
            ModelAnswer answer = ModelAnswer.relay(turn.open(turn.request()), emitter::emit);
            return TurnOutcome.completed(answer.finishReason());
        }
    }

    /** Plays the streams that a test puts out, and else tells its limit. */
    public static final class QueueProvider implements ModelProvider {
        static final LinkedBlockingQueue<ModelStream> STREAMS = new LinkedBlockingQueue<>();
        private volatile int limit;

        /** Take the settings. */
        public void activate(Map<String, Object> settings) {
            limit = Integer.parseInt(String.valueOf(settings.get("limit")));
            if (limit < 0) {
                throw new LlmgineException(ErrorCode.INVALID_REQUEST, "The setting limit must not be negative.");
            }
        }

        @Override
        public List<ModelInfo> models() {
            return List.of(new ModelInfo("demo", Set.of(ModelInfo.TOOLS)));
        }

        @Override
        public ModelStream open(ModelRequest request) {
            ModelStream stream = STREAMS.poll();
            return stream != null ? stream : ScriptedStream.text("limit " + limit);
        }
    }

    /** Adds two numbers. */
    public static final class AddTool implements Tool<AddTool.Arguments> {
        /** What to add. */
        public record Arguments(int a, int b) {}

        @Override
        public ToolDefinition<Arguments> definition() {
            return ToolDefinition.of("add", "Add two numbers.", Arguments.class);
        }

        @Override
        public ToolResult call(Arguments arguments, ToolContext context) {
            return ToolResult.text(String.valueOf(arguments.a() + arguments.b()));
        }
    }

    /** Asks for what can't be given. */
    public static final class OddTool implements Tool<String> {
        @Override
        public ToolDefinition<String> definition() {
            return new ToolDefinition<>("odd", "", String.class, Optional.empty(), Optional.empty(), false);
        }

        @Override
        public ToolResult call(String arguments, ToolContext context) {
            return ToolResult.text(arguments);
        }
    }
}
