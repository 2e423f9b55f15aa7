package org.llmgine.example.greeter;

import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.tool.Description;
import org.llmgine.api.tool.Tool;
import org.llmgine.api.tool.ToolContext;
import org.llmgine.api.tool.ToolDefinition;
import org.llmgine.api.tool.ToolResult;
import org.osgi.service.component.annotations.Component;

@Component
@LlmginePlugin(id = "greeter", kind = LlmginePlugin.TOOL)
public final class GreeterTool implements Tool<GreeterTool.Arguments> {
    public record Arguments(@Description("Whom to greet.") String name) {}

    @Override
    public ToolDefinition<Arguments> definition() {
        return ToolDefinition.of("greet", "Greet somebody by name.", Arguments.class);
    }

    @Override
    public ToolResult call(Arguments arguments, ToolContext context) {
        return ToolResult.text("Hello, " + arguments.name() + "!");
    }
}
