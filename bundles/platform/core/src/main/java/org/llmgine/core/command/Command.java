package org.llmgine.core.command;

import org.llmgine.api.Principal;

/**
 * Ask the host for something.
 *
 * @param <R> the result
 */
public interface Command<R> {
    /** Return who asks. */
    Principal principal();
}
