package org.llmgine.api.bus;

import java.util.Optional;

/**
 * Tell that a session has ended; what was registered in it is gone.
 *
 * @param sessionId the session's id
 * @param errorCode the failure's code; empty when it ended well
 * @param error the failure's sentence; empty when it ended well
 */
@MessageType("llmgine/bus/session/ended")
public record SessionEnded(String sessionId, Optional<String> errorCode, Optional<String> error) implements Event {}
