package org.llmgine.embedded;

import java.util.Locale;
import org.llmgine.api.tool.Tool;
import org.llmgine.api.tool.ToolContext;
import org.llmgine.api.tool.ToolDefinition;
import org.llmgine.api.tool.ToolResult;

/** The tool of a jar that a test makes. */
public final class ShoutTool implements Tool<ShoutTool.Arguments> {
    /** What to shout. */
    public record Arguments(String text) {}

    @Override
    public ToolDefinition<Arguments> definition() {
        return ToolDefinition.of("shout", "Say it loud.", Arguments.class);
    }

    @Override
    public ToolResult call(Arguments arguments, ToolContext context) {
        return ToolResult.text(arguments.text().toUpperCase(Locale.ROOT) + " "
                + getClass().getClassLoader().equals(Thread.currentThread().getContextClassLoader()));
    }
}
