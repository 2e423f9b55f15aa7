package org.llmgine.core.command;

import java.util.List;
import org.llmgine.api.Principal;

/**
 * Read the latest lines of the host's log, oldest first. Needs the role {@code operator}.
 *
 * @param principal who asks
 * @param filter which lines
 */
public record ReadLogs(Principal principal, LogFilter filter) implements Command<List<LogLine>> {}
