package org.llmgine.api.bus;

/**
 * Tell that a message was given up and put with the dead letters.
 *
 * @param letterId the dead letter's id
 * @param messageId the message's id
 * @param type the message's type, see {@link MessageType}
 * @param attempts how often it was tried
 * @param error the last failure's sentence
 */
@MessageType("llmgine/bus/dead-lettered")
public record DeadLettered(String letterId, String messageId, String type, int attempts, String error)
        implements Event {}
