package org.llmgine.shell.internal;

import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.bus.DeadLetters;
import org.llmgine.core.command.ListDeadLetters;

/** Completes a type of dead letters. */
@Service
public final class DeadTypeCompleter extends HostCompleter {
    @Override
    Stream<String> names(Principal principal) {
        return commands.execute(new ListDeadLetters(principal, "", "", DeadLetters.MOST)).letters().stream()
                .map(letter -> letter.message().type())
                .distinct();
    }
}
