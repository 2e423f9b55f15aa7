package org.llmgine.api.model;

import org.llmgine.api.stream.StreamEvent;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Give a model's answer event by event, as the caller pulls.
 *
 * <p><b>Implemented by</b> providers; <b>called by</b> the host's guard, which gives engines a stream of the same type.
 *
 * <p><b>Thread:</b> {@link #next()} and the opening are called by one virtual thread at a time and may block. Blocking is the
 * back-pressure: a caller that doesn't pull holds the back-end up. <b>Cancelled</b> by {@link #close()}, which any thread may
 * call, also while another one is in {@code next()}.
 */
@ConsumerType
public interface ModelStream extends AutoCloseable {
    /**
     * Wait for the next event and return it.
     *
     * <p>The last event of a whole answer is {@link org.llmgine.api.stream.Finish}; the caller doesn't pull beyond it. Usage,
     * if the back-end tells it, comes before.
     *
     * @throws org.llmgine.api.LlmgineException when the back-end fails or its stream ends before the finish, with a code such
     *     as {@code provider_error}; after {@link #close()} with {@code cancelled}
     */
    StreamEvent next();

    /**
     * Tell whether {@link #next()} would return at once, from what has come already. The host then sends several events in one
     * write; the answer {@code false} only costs that. Called by the thread that pulls; it never blocks.
     */
    default boolean isReady() {
        return false;
    }

    /** Give everything back and make a blocked {@link #next()} return at once with {@code cancelled}. Idempotent. */
    @Override
    void close();
}
