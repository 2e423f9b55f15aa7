package org.llmgine.api.bus;

/**
 * Tell that a listener failed with an event. It isn't told of listeners that fail with this one.
 *
 * @param eventId the event's id
 * @param type the event's type, see {@link MessageType}
 * @param listener the listener's name
 * @param errorCode the failure's code
 * @param error the failure's sentence
 */
@MessageType("llmgine/bus/listener/failed")
public record ListenerFailed(String eventId, String type, String listener, String errorCode, String error)
        implements Event {}
