package org.llmgine.api.bus;

/**
 * Tell that a command begins.
 *
 * @param commandId the command's id
 * @param type the command's type, see {@link MessageType}
 */
@MessageType("llmgine/bus/command/started")
public record CommandStarted(String commandId, String type) implements Event {}
