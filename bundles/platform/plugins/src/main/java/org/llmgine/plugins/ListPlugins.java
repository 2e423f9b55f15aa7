package org.llmgine.plugins;

import java.util.List;
import org.llmgine.api.Principal;
import org.llmgine.core.command.Command;

/**
 * List the plugins by id. Needs the role {@code viewer}.
 *
 * @param principal who asks
 */
public record ListPlugins(Principal principal) implements Command<List<PluginEntry>> {}
