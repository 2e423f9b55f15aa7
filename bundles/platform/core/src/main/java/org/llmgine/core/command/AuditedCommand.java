package org.llmgine.core.command;

import java.util.Optional;

/**
 * Ask the host for a change that is written down in its audit, with who asked and what came of it, see {@link AuditEntry}.
 *
 * @param <R> the result
 */
public interface AuditedCommand<R> extends Command<R> {
    /** Return what it is about, such as a key's id; empty for nothing named. It is no secret. */
    String target();

    /** Return what else is to be known of a change that succeeded; may be empty. It is no secret. */
    default String details(R result) {
        return "";
    }

    /**
     * Tell whether it is written down.
     *
     * @param result what came of it; empty when it failed, or was refused
     */
    default boolean isAudited(Optional<R> result) {
        return true;
    }
}
