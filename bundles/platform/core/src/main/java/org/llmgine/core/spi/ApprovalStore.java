package org.llmgine.core.spi;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.llmgine.core.session.Approval;
import org.llmgine.core.session.SessionTurn;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Keep approvals, and the turns that wait for them. Thread-safe; every method may block, and fails with
 * {@link org.llmgine.api.LlmgineException} only. What changes is as durable on return as the store is. Approvals go with their
 * session.
 *
 * <p>A turn in the state {@link SessionTurn#SUSPENDED} belongs to no host, and no other turn of its session can run.
 */
@ConsumerType
public interface ApprovalStore {
    /** Find an approval. */
    Optional<Approval> approval(String approvalId);

    /**
     * Return approvals, the newest first, those of the same instant by id.
     *
     * @param filter which ones
     * @param after the approval after which to go on; empty to begin with the first
     * @param limit how many at most
     */
    List<Approval> approvals(Filter filter, Optional<Approval> after, int limit);

    /** Return all approvals of a turn, in the order in which they were asked for. */
    List<Approval> ofTurn(String sessionId, String turnId);

    /** Return the turns of these sessions that are suspended. */
    List<SessionTurn> suspended(Collection<String> sessionIds);

    /**
     * Suspend a turn that runs on this host, and keep what it waits for: all or nothing.
     *
     * @param turn the turn, suspended
     * @param approvals what it waits for, pending
     */
    void suspend(SessionTurn turn, List<Approval> approvals);

    /**
     * Keep a decision, if the approval is still pending.
     *
     * @param decided the approval as it is then
     * @return whether it was pending; of several at once one is told so
     */
    boolean decide(Approval decided);

    /** Return pending approvals that have expired, the first that did first. */
    List<Approval> expired(Instant now, int limit);

    /** Return suspended turns that wait for no pending approval any more. */
    List<SessionTurn> ready(int limit);

    /**
     * Move a suspended turn on: to run on this host, or to its end. With its end its pending approvals are cancelled.
     *
     * @param turn the turn as it is then
     * @return whether it was suspended; of several hosts at once one is told so
     */
    boolean leave(SessionTurn turn);

    /**
     * Say which approvals are wanted. What is empty doesn't matter.
     *
     * @param askedBy the name of who asked
     * @param state the state
     * @param session the session's id
     * @param turn the turn's id
     */
    record Filter(Optional<String> askedBy, Optional<String> state, Optional<String> session, Optional<String> turn) {}
}
