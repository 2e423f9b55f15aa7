package org.llmgine.core.settings;

import org.llmgine.api.Principal;
import org.llmgine.core.command.Command;

/**
 * Read what a configuration may hold and what is in force. Needs the role {@code operator}.
 *
 * <p>Fails with {@code not_found}.
 *
 * @param principal who asks
 * @param pid the PID, or {@code pid~name}; an instance need not be there yet
 */
public record GetConfiguration(Principal principal, String pid) implements Command<Configuration> {}
