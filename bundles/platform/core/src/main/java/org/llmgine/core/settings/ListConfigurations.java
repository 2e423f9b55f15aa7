package org.llmgine.core.settings;

import java.util.List;
import org.llmgine.api.Principal;
import org.llmgine.core.command.Command;

/**
 * List what can be configured, by PID. Needs the role {@code viewer}.
 *
 * @param principal who asks
 */
public record ListConfigurations(Principal principal) implements Command<List<ConfigurationEntry>> {}
