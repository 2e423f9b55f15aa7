package org.llmgine.api.bus;

/**
 * Tell that a session begins.
 *
 * @param sessionId the session's id
 * @param owner whose it is
 */
@MessageType("llmgine/bus/session/started")
public record SessionStarted(String sessionId, String owner) implements Event {}
