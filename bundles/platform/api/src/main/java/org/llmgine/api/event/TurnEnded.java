package org.llmgine.api.event;

import java.time.Duration;
import java.util.Optional;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.MessageType;
import org.llmgine.api.stream.Usage;

/**
 * Tell that a turn has ended; its session takes the next prompt.
 *
 * @param turn the turn's id
 * @param session the id of the stored session; empty for a request whose conversation isn't stored
 * @param engine the engine that ran it
 * @param model the full name of the model that served last; empty when none did
 * @param state {@code completed}, {@code failed} or {@code cancelled}
 * @param finishReason why the model stopped; empty unless it is completed
 * @param usage the tokens of all model calls, when a back-end told
 * @param duration how long it ran
 * @param errorCode the failure's code; empty when it is completed
 */
@MessageType("llmgine/turn/ended")
public record TurnEnded(
        String turn,
        String session,
        String engine,
        String model,
        String state,
        String finishReason,
        Optional<Usage> usage,
        Duration duration,
        Optional<String> errorCode)
        implements Event {}
