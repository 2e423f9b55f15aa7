package org.llmgine.api.event;

import java.time.Duration;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.MessageType;

/**
 * Tell that a turn's tool call has ended.
 *
 * @param turn the turn's id
 * @param session the id of the stored session; empty for a request whose conversation isn't stored
 * @param tool the tool's name, as the model wrote it
 * @param callId the call's id, as the model gave it
 * @param ok whether the result is no error
 * @param duration how long it took
 */
@MessageType("llmgine/tool/called")
public record ToolCalled(String turn, String session, String tool, String callId, boolean ok, Duration duration)
        implements Event {}
