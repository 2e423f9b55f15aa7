package org.llmgine.core.internal;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.llmgine.core.session.Approval;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.spi.ApprovalStore;
import org.llmgine.core.spi.SessionStore;

/** Keeps sessions and approvals in memory, and refuses, once, what it is told to refuse. */
final class BrittleStore implements SessionStore, ApprovalStore {
    private final InMemorySessionStore store = new InMemorySessionStore();
    private final List<Refusal> refusals = new CopyOnWriteArrayList<>();

    /** Picks what is refused. */
    interface Choice {
        boolean test(Session session, List<Entry> added, Optional<SessionTurn> turn);
    }

    private final Map<String, RuntimeException> failures = new ConcurrentHashMap<>();

    private record Refusal(Choice choice, RuntimeException failure) {}

    void failOn(Choice choice, RuntimeException failure) {
        refusals.add(new Refusal(choice, failure));
    }

    /** Fail, once, a method of the approvals' side. */
    void failOn(String method, RuntimeException failure) {
        failures.put(method, failure);
    }

    private void check(String method) {
        RuntimeException failure = failures.remove(method);
        if (failure != null) {
            throw failure;
        }
    }

    /** Tell whether all has been refused that was to be. */
    boolean isUsedUp() {
        return refusals.isEmpty() && failures.isEmpty();
    }

    @Override
    public Optional<Approval> approval(String approvalId) {
        check("approval");
        return store.approval(approvalId);
    }

    @Override
    public List<Approval> approvals(Filter filter, Optional<Approval> after, int limit) {
        return store.approvals(filter, after, limit);
    }

    @Override
    public List<Approval> ofTurn(String sessionId, String turnId) {
        check("ofTurn");
        return store.ofTurn(sessionId, turnId);
    }

    @Override
    public List<SessionTurn> suspended(Collection<String> sessionIds) {
        check("suspended");
        return store.suspended(sessionIds);
    }

    @Override
    public void suspend(SessionTurn turn, List<Approval> approvals) {
        check("suspend");
        store.suspend(turn, approvals);
    }

    @Override
    public boolean decide(Approval decided) {
        check("decide");
        return store.decide(decided);
    }

    @Override
    public List<Approval> expired(Instant now, int limit) {
        check("expired");
        return store.expired(now, limit);
    }

    @Override
    public List<SessionTurn> ready(int limit) {
        check("ready");
        return store.ready(limit);
    }

    @Override
    public boolean leave(SessionTurn turn) {
        check("leave");
        return store.leave(turn);
    }

    @Override
    public void put(Session session, List<Entry> added, Optional<SessionTurn> turn) {
        for (Refusal refusal : refusals) {
            if (refusal.choice.test(session, added, turn)) {
                refusals.remove(refusal);
                throw refusal.failure;
            }
        }
        store.put(session, added, turn);
    }

    @Override
    public Optional<Session> session(String sessionId) {
        return store.session(sessionId);
    }

    @Override
    public List<Session> sessions(String owner, Optional<Session> after, int limit) {
        return store.sessions(owner, after, limit);
    }

    @Override
    public int count() {
        return store.count();
    }

    @Override
    public int count(String owner) {
        return store.count(owner);
    }

    @Override
    public List<Entry> entries(String sessionId) {
        return store.entries(sessionId);
    }

    @Override
    public List<SessionTurn> turns(String sessionId) {
        return store.turns(sessionId);
    }

    @Override
    public Optional<SessionTurn> turn(String sessionId, String turnId) {
        return store.turn(sessionId, turnId);
    }

    @Override
    public void remove(String sessionId) {
        store.remove(sessionId);
    }
}
