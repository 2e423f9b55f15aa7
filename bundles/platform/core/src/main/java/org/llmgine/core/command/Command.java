package org.llmgine.core.command;

import org.llmgine.api.Principal;

/**
 * Ask the host for something. It goes by the bus.
 *
 * @param <R> the result
 */
public interface Command<R> extends org.llmgine.api.bus.Command<R> {
    /** Return who asks. */
    Principal principal();

    /** Return the id of the session that it is about; empty when it is about none. */
    default String sessionId() {
        return "";
    }
}
