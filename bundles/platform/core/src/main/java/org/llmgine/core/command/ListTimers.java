package org.llmgine.core.command;

import java.util.List;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.TimerEntry;

/**
 * List the timers in the order of their ids. Needs the role {@code operator}.
 *
 * <p>Fails with {@code invalid_request} and the field {@code limit}.
 *
 * @param principal who asks
 * @param after the timer's id after which to go on; empty to begin with the first
 * @param limit how many at most, 1 to {@value org.llmgine.api.bus.Timers#MOST}
 */
public record ListTimers(Principal principal, String after, int limit) implements Command<List<TimerEntry>> {}
