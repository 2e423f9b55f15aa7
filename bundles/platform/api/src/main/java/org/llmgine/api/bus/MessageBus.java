package org.llmgine.api.bus;

import java.util.Optional;
import org.llmgine.api.LlmgineException;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Send commands and events. A service; each bundle gets its own, which goes with what was registered through it.
 *
 * <p>A command runs on its caller's thread. Events are handled on virtual threads of the host: one after the other within a
 * session, sessions beside each other. A session need not be opened to be named: its id alone orders its events.
 */
@ProviderType
public interface MessageBus {
    /** The session of what belongs to none. */
    String NO_SESSION = "";

    /** Execute a command as the current context says; see {@link #execute(Command, SendOptions)}. */
    <R> CommandResult<R> execute(Command<R> command);

    /**
     * Execute a command: by the session's handler, if it has one for this very type, else by the host's.
     *
     * <p>It is retried and left alone for a while by the policy that is configured for its type. At its deadline the handler is
     * cancelled and interrupted, and the result is a failure with {@code timeout}.
     *
     * @return how it ended; the method itself throws nothing. Without a handler it failed with {@code unavailable}.
     */
    <R> CommandResult<R> execute(Command<R> command, SendOptions options);

    /** Publish an event as the current context says; see {@link #publish(Event, SendOptions)}. */
    Publication publish(Event event);

    /**
     * Publish an event and go on.
     *
     * <p>When the session's queue is full, the setting {@code overflow} decides: the publisher waits a while, the oldest event
     * gives way, or this one is rejected. A listener that publishes into its own session never waits: it is rejected in place
     * of it, and so is one whose waiting would close a circle over sessions.
     *
     * @return follows the event; never throws
     */
    Publication publish(Event event, SendOptions options);

    /**
     * Publish an event and wait until it is handled, 30 seconds if the options don't say otherwise.
     *
     * <p>In a handler of the same session the event is handled at once, ahead of the queue and on this thread, which need not be
     * the one that the handler was called on if it was handed over by {@link MessageContext#call}. If waiting would close a
     * circle over sessions, the event is rejected: nothing waits for itself.
     *
     * @return follows the event; {@code ACCEPTED} when the time was too short
     * @throws LlmgineException {@code cancelled} when the thread is interrupted
     */
    Publication publishAndWait(Event event, SendOptions options);

    /**
     * Handle a type of command.
     *
     * @throws LlmgineException {@code busy} when the type has a handler
     */
    <R, C extends Command<R>> Registration handle(Class<C> type, CommandHandler<C, R> handler);

    /** Listen to all sessions' events of a type and its subtypes. */
    <E extends Event> Registration listen(Class<E> type, ListenerOptions options, EventListener<E> listener);

    /**
     * Open a session.
     *
     * @throws LlmgineException {@code busy} when a session of that id is open
     */
    BusSession openSession(SessionOptions options);

    /** Find an open session. */
    Optional<BusSession> session(String id);

    /** Return the message in whose handler this is. */
    Optional<MessageContext> current();
}
