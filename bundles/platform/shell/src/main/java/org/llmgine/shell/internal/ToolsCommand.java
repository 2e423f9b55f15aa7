package org.llmgine.shell.internal;

import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.tool.ToolSpec;
import org.llmgine.core.command.InstanceEntry;

/** Lists the tools. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "tools",
        description = "List the tools that engines can call.",
        detailedDescription = "GET /api/tools also tells their arguments.")
public final class ToolsCommand extends InstancesCommand {
    /** Make the command; the shell does it for every call. */
    public ToolsCommand() {
        super(LlmginePlugin.TOOL);
    }

    @Override
    void addColumns(Table table) {
        table.column("Description", Table.Kind.TEXT);
    }

    @Override
    List<String> cells(InstanceEntry instance) {
        return List.of(instance.tool()
                .map(ToolSpec::description)
                .map(ToolsCommand::firstSentence)
                .orElse(""));
    }

    private static String firstSentence(String text) {
        return text.lines().findFirst().orElse("").replaceFirst("(?<=\\.) .*", "");
    }
}
