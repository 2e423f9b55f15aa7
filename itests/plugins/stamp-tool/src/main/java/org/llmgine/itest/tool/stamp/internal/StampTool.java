package org.llmgine.itest.tool.stamp.internal;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.tool.Description;
import org.llmgine.api.tool.Tool;
import org.llmgine.api.tool.ToolContext;
import org.llmgine.api.tool.ToolDefinition;
import org.llmgine.api.tool.ToolResult;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Tells which version of it runs, after the asked time. */
@LlmginePlugin(id = "stamp", kind = LlmginePlugin.TOOL)
@Component
public final class StampTool implements Tool<StampTool.Arguments> {
    private final String version;

    @Activate
    public StampTool(BundleContext context) {
        version = context.getBundle().getVersion().toString();
    }

    @Override
    public ToolDefinition<Arguments> definition() {
        return ToolDefinition.of("stamp", "Tell the version of this tool.", Arguments.class);
    }

    @Override
    public ToolResult call(Arguments arguments, ToolContext context) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(arguments.waitMs().orElse(0));
        return ToolResult.text("stamp " + version);
    }

    /** What the tool takes. */
    public record Arguments(
            @Description("how long the call takes, in milliseconds")
            Optional<Integer> waitMs) {}
}
