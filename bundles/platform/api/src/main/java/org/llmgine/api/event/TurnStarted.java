package org.llmgine.api.event;

import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.MessageType;

/**
 * Tell that a turn begins to run.
 *
 * @param turn the turn's id
 * @param session the id of the stored session; empty for a request whose conversation isn't stored
 * @param engine the engine that runs it
 * @param model the model that was asked for, as it was named
 */
@MessageType("llmgine/turn/started")
public record TurnStarted(String turn, String session, String engine, String model) implements Event {}
