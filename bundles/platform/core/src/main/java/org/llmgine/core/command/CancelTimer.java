package org.llmgine.core.command;

import org.llmgine.api.Principal;
import org.llmgine.api.bus.TimerEntry;

/**
 * End a timer and return what it was; a run that is under way goes on to its end. Needs the role {@code operator}. Fails with {@code not_found}.
 *
 * @param principal who asks
 * @param timer the timer's id or name
 */
public record CancelTimer(Principal principal, String timer) implements AuditedCommand<TimerEntry> {
    @Override
    public String target() {
        return timer;
    }
}
