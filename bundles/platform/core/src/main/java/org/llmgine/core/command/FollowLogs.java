package org.llmgine.core.command;

import org.llmgine.api.Principal;

/**
 * Read the latest lines of the host's log and then each one as it is written. Needs the role {@code operator}.
 *
 * <p>What the reader's own thread logs, and what the HTTP server logs below {@code INFO}, is left out: each line that is sent
 * would make more.
 *
 * @param principal who asks
 * @param filter which lines
 */
public record FollowLogs(Principal principal, LogFilter filter) implements Command<LogReader> {}
