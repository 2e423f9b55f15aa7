package org.llmgine.core.command;

import org.llmgine.api.Principal;
import org.llmgine.api.bus.TimerEntry;

/**
 * Read one timer. Needs the role {@code operator}. Fails with {@code not_found}.
 *
 * @param principal who asks
 * @param timer the timer's id or name
 */
public record GetTimer(Principal principal, String timer) implements Command<TimerEntry> {}
