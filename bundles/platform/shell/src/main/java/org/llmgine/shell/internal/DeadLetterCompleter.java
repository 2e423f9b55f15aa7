package org.llmgine.shell.internal;

import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.bus.DeadLetter;
import org.llmgine.bus.DeadLetters;
import org.llmgine.core.command.ListDeadLetters;

/** Completes the id of a dead letter. */
@Service
public final class DeadLetterCompleter extends HostCompleter {
    @Override
    Stream<String> names(Principal principal) {
        return commands.execute(new ListDeadLetters(principal, "", "", DeadLetters.MOST)).letters().stream()
                .map(DeadLetter::id);
    }

    /** Check that it is said in one way which letters are meant. */
    static void checkChoice(String id, String type, boolean all) {
        int ways = (id.isEmpty() ? 0 : 1) + (type.isEmpty() ? 0 : 1) + (all ? 1 : 0);
        if (ways != 1) {
            throw new LlmgineException(ErrorCode.INVALID_REQUEST, "Which messages?")
                    .withHint("Name one by its id, or give --type, or --all.");
        }
    }
}
