package org.llmgine.api.bus;

import java.time.Instant;
import java.util.Optional;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Hold what belongs together: handlers and listeners that see only this session's messages, attributes, and an order of events
 * of its own. It ends by {@link #end}, by {@link #close}, by its time to live, or with the bundle that opened it; then all that
 * was registered in it is gone. {@link SessionStarted} and {@link SessionEnded} tell of it. Thread-safe.
 */
@ProviderType
public interface BusSession extends AutoCloseable {
    /** Return the id. */
    String id();

    /** Return whose it is. */
    Principal owner();

    /** Return when it began. */
    Instant started();

    /** Tell whether it has not ended. */
    boolean active();

    /** Return an attribute. */
    Optional<Object> attribute(String name);

    /**
     * Set an attribute.
     *
     * @throws LlmgineException {@code not_found} when the session has ended
     */
    void attribute(String name, Object value);

    /** Remove an attribute. */
    void removeAttribute(String name);

    /**
     * Handle a type of command, for this session only and ahead of the host's handler.
     *
     * @throws LlmgineException {@code busy} when the type has a handler in this session; {@code not_found} when the session has
     *     ended
     */
    <R, C extends Command<R>> Registration handle(Class<C> type, CommandHandler<C, R> handler);

    /**
     * Listen to this session's events of a type and its subtypes.
     *
     * @throws LlmgineException {@code not_found} when the session has ended
     */
    <E extends Event> Registration listen(Class<E> type, ListenerOptions options, EventListener<E> listener);

    /** Execute a command in this session. After the end it fails with {@code not_found}. */
    <R> CommandResult<R> execute(Command<R> command);

    /** Publish an event in this session. After the end it is rejected. */
    Publication publish(Event event);

    /** End. Idempotent; calls that run go on to their end. */
    void end();

    /** End because of a failure, of which {@link SessionEnded} tells. Idempotent. */
    void end(LlmgineException failure);

    /** End, see {@link #end()}. */
    @Override
    void close();
}
