package org.llmgine.itest.tool.stamp.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.llmgine.api.tool.Description;
import org.llmgine.api.tool.Tool;
import org.llmgine.api.tool.ToolContext;
import org.llmgine.api.tool.ToolDefinition;
import org.llmgine.api.tool.ToolResult;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * Needs a person's approval, and takes the asked time. It writes each call into the file of the system property
 * {@code llmgine.itest.journal}, in the scripted provider's form, so that a test can count them.
 */
@Component
public final class SealTool implements Tool<SealTool.Arguments> {
    private final String version;

    @Activate
    public SealTool(BundleContext context) {
        version = context.getBundle().getVersion().toString();
    }

    @Override
    public ToolDefinition<Arguments> definition() {
        return ToolDefinition.of("seal", "Seal something.", Arguments.class).withApproval();
    }

    @Override
    public ToolResult call(Arguments arguments, ToolContext context) throws IOException, InterruptedException {
        String file = System.getProperty("llmgine.itest.journal");
        if (file != null) {
            Files.writeString(
                    Path.of(file),
                    "%d open %s seal%n".formatted(System.currentTimeMillis(), version),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        }
        TimeUnit.MILLISECONDS.sleep(arguments.waitMs().orElse(0));
        return ToolResult.text("sealed for " + context.principal().name());
    }

    /** What the tool takes. */
    public record Arguments(
            @Description("how long the call takes, in milliseconds")
            Optional<Integer> waitMs) {}
}
