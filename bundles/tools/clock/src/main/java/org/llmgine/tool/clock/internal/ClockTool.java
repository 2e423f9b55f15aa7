package org.llmgine.tool.clock.internal;

import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.tool.Description;
import org.llmgine.api.tool.Tool;
import org.llmgine.api.tool.ToolContext;
import org.llmgine.api.tool.ToolDefinition;
import org.llmgine.api.tool.ToolResult;
import org.osgi.service.component.annotations.Component;

@LlmginePlugin(id = "clock", kind = LlmginePlugin.TOOL)
@Component
public final class ClockTool implements Tool<ClockTool.Arguments> {
    public record Arguments(@Description("an IANA zone") String zone) {}

    @Override
    public ToolDefinition<Arguments> definition() {
        return ToolDefinition.of("clock", "Tell the time.", Arguments.class);
    }

    @Override
    public ToolResult call(Arguments arguments, ToolContext context) {
        return ToolResult.text(arguments.zone());
    }
}
