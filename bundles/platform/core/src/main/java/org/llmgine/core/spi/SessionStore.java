package org.llmgine.core.spi;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.llmgine.api.message.Message;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionTurn;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Keep sessions with their histories and turns. Thread-safe; every method may block, and fails with
 * {@link org.llmgine.api.LlmgineException} only. A host writes one session from one thread at a time.
 *
 * <p>{@link Session#turn()} is the host's to know: it is stored empty.
 *
 * <p>A store that several hosts share lets one turn of a session run at a time: {@link #put} fails with {@code busy} while
 * another host runs one. It ends the turns of a host that is gone by {@link SessionTurn#interrupted}; a host that seemed to be
 * and stores more of such a turn is told {@code interrupted}.
 */
@ConsumerType
public interface SessionStore {
    /** Find a session. */
    Optional<Session> session(String sessionId);

    /**
     * Return an owner's sessions, the last changed first, those of the same instant by id.
     *
     * @param after the session, as it was read, after which to go on; empty to begin with the first
     * @param limit how many at most
     */
    List<Session> sessions(String owner, Optional<Session> after, int limit);

    /** Count all sessions. */
    int count();

    /** Count an owner's sessions. */
    int count(String owner);

    /** Return all messages of a session's history, in the order in which they were added; empty when there is no such session. */
    List<Entry> entries(String sessionId);

    /** Return a session's turns, oldest first; empty when there is no such session. */
    List<SessionTurn> turns(String sessionId);

    /** Find a turn of a session. */
    Optional<SessionTurn> turn(String sessionId, String turnId);

    /**
     * Keep a session as it is now, together with what is new in it: all or nothing, and as durable on return as the store is.
     *
     * @param session the session, new or in place of the one with its id
     * @param added messages that are new in its history, each after its parent
     * @param turn the turn that began or changed, new or in place of the one with its id
     */
    void put(Session session, List<Entry> added, Optional<SessionTurn> turn);

    /** Remove a session with its history and turns, if it is there. */
    void remove(String sessionId);

    /**
     * Hold one message of a history.
     *
     * @param id the id, unique in the session
     * @param parent the message before it; empty for a first one
     * @param turn the turn that added it; empty when none did
     * @param created when it was added
     * @param message the message
     */
    record Entry(String id, Optional<String> parent, Optional<String> turn, Instant created, Message message) {}
}
