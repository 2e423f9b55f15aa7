package org.llmgine.api.bus;

import java.time.Duration;
import java.util.List;
import org.llmgine.api.LlmgineException;
import org.osgi.annotation.versioning.ProviderType;

/** Follow one published event. Thread-safe. */
@ProviderType
public interface Publication {
    /** What became of an event. */
    enum State {
        /** It waits for its turn, or its listeners are at work. */
        ACCEPTED,
        /** All its listeners have returned, or it has none. */
        HANDLED,
        /** A filter or an interceptor let it not pass. */
        FILTERED,
        /** It was accepted and then gave way to a newer one. */
        DROPPED,
        /** It was not accepted: the queue is full, waiting for it would never end, or the bus has stopped. */
        REJECTED
    }

    /** Return the event's id. */
    String id();

    /** Return what has become of it by now. */
    State state();

    /** Tell why it was rejected or dropped; empty otherwise. */
    String reason();

    /** Return what its listeners threw, once it is handled. */
    List<Failure> failures();

    /**
     * Wait until this event is handled, filtered or dropped.
     *
     * <p>A handler of the same session can't wait so for an event that is queued behind its own, nor in a circle over sessions:
     * that is refused at once; {@link MessageBus#publishAndWait} is the way.
     *
     * @return whether that came to be in time
     * @throws LlmgineException {@code invalid_request} when it would never end, {@code cancelled} when the thread is interrupted
     */
    boolean await(Duration timeout);

    /**
     * Check that it was handled, by every listener without a failure.
     *
     * @throws LlmgineException the first listener's failure; {@code overloaded} when it was dropped or rejected; {@code timeout}
     *     when it isn't handled yet
     */
    void orElseThrow();

    /**
     * Tell that a listener failed.
     *
     * @param listener the listener's name
     * @param failure what it threw
     */
    record Failure(String listener, LlmgineException failure) {}
}
