package org.llmgine.api.bus;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Tell what belongs to one message on its way: who sent it, in which session, and why. While a handler or a listener runs, it is
 * what its own messages inherit session and principal from. Thread-safe.
 */
@ProviderType
public interface MessageContext {
    /** Return the message's id, unique over hosts and restarts. */
    String id();

    /** Return the id of the message in whose handler this one was sent; empty for a first one. */
    Optional<String> cause();

    /** Return the session's id; {@link MessageBus#NO_SESSION} when it belongs to none. */
    String session();

    /** Return who asks. */
    Principal principal();

    /** Return when it was sent. */
    Instant sent();

    /** Return which bundle sent it, by its symbolic name; empty for what was sent by no bundle. */
    String origin();

    /** Return what the sender added. */
    Map<String, String> metadata();

    /**
     * Return the key by which a handler tells that it has done this already: what is stored runs at least once, with the same
     * key each time. It is the message's id when the sender gave none.
     */
    String idempotencyKey();

    /** Return which attempt this is, from 1. */
    int attempt();

    /** Tell whether the result is not wanted any more. */
    boolean cancelled();

    /**
     * Throw if the result is not wanted any more.
     *
     * @throws LlmgineException {@code cancelled} or {@code timeout}
     */
    void checkCancelled();

    /** Run an action, which must return at once, when the message is cancelled or its deadline has passed; at once if it has. */
    Registration onCancel(Runnable action);

    /**
     * Call something in this context, for work that was handed over to another thread: messages that it sends inherit session
     * and principal, and the bus knows that they are nested in this one.
     */
    <T> T call(Callable<T> work) throws Exception;

    /** Run something in this context, see {@link #call}. */
    void run(Runnable work);
}
