package org.llmgine.api.bus;

import java.time.Duration;
import java.util.Optional;

/**
 * Tell how a command ended, also when it had no handler.
 *
 * @param commandId the command's id
 * @param type the command's type, see {@link MessageType}
 * @param origin the handler's bundle and component; empty when there was no handler
 * @param duration how long it took
 * @param attempts how often the handler was called
 * @param errorCode the failure's code; empty when it succeeded
 * @param error the failure's sentence; empty when it succeeded
 */
@MessageType("llmgine/bus/command/finished")
public record CommandFinished(
        String commandId,
        String type,
        String origin,
        Duration duration,
        int attempts,
        Optional<String> errorCode,
        Optional<String> error)
        implements Event {}
