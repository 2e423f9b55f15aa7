package org.llmgine.core.internal;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.tool.Tool;
import org.llmgine.api.tool.ToolContext;
import org.llmgine.api.tool.ToolDefinition;
import org.llmgine.api.tool.ToolResult;
import org.llmgine.api.tool.ToolSpec;

/** Keeps a tool together with its schema and the binding of its arguments. */
final class HostedTool {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    private final Tool<Object> tool;
    private final ToolSpec spec;
    private final Optional<Duration> timeout;
    private final boolean needsApproval;
    private final ArgumentBinding binding;

    private HostedTool(Tool<Object> tool, ToolDefinition<Object> definition) {
        this.tool = tool;
        this.timeout = definition.timeout();
        this.needsApproval = definition.needsApproval();
        // A mapper of its own: what it learns goes with the tool.
        ObjectMapper json = JsonMapper.builder()
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();
        ArgumentCoercion coercion = new ArgumentCoercion(json);
        Class<?> type = definition.argumentsType();
        if (definition.schema().isPresent() && type == Map.class) {
            String schema = definition.schema().get();
            binding = new SchemaArguments(schema, json, coercion);
            spec = new ToolSpec(definition.name(), definition.description(), schema, false);
        } else if (type.isRecord()) {
            binding = new RecordArguments(type, coercion);
            String schema = definition.schema().orElseGet(() -> ArgumentSchema.of(type));
            spec = new ToolSpec(definition.name(), definition.description(), schema, false);
        } else {
            throw new LlmgineException(
                    ErrorCode.PLUGIN_FAILED,
                    "The tool '" + definition.name() + "' takes " + type.getName()
                            + ": its arguments must be a record.");
        }
    }

    /** Bind a tool's service; its registry name is the definition's. */
    @SuppressWarnings("unchecked")
    static PluginTracker.Bound<HostedTool> bind(Origin origin, Tool<?> tool) {
        Tool<Object> callable = (Tool<Object>) tool;
        return origin.call(() -> {
            ToolDefinition<Object> definition = callable.definition();
            if (!NAME.matcher(definition.name()).matches()) {
                throw new LlmgineException(
                        ErrorCode.PLUGIN_FAILED,
                        "The tool's name '" + definition.name()
                                + "' must have 1 to 64 letters, digits, underscores and hyphens.");
            }
            return new PluginTracker.Bound<>(origin.named(definition.name()), new HostedTool(callable, definition));
        });
    }

    ToolSpec spec() {
        return spec;
    }

    Optional<Duration> timeout() {
        return timeout;
    }

    boolean needsApproval() {
        return needsApproval;
    }

    /** Run the tool on this thread. */
    ToolResult call(String arguments, ToolContext context) throws Exception {
        return tool.call(binding.bind(arguments), context);
    }
}
