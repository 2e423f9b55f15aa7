package org.llmgine.core.internal;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.spi.SessionStore;

/** Keeps sessions in memory, and refuses, once, what it is told to refuse. */
final class BrittleStore implements SessionStore {
    private final InMemorySessionStore store = new InMemorySessionStore();
    private final List<Refusal> refusals = new CopyOnWriteArrayList<>();

    /** Picks what is refused. */
    interface Choice {
        boolean test(Session session, List<Entry> added, Optional<SessionTurn> turn);
    }

    private record Refusal(Choice choice, RuntimeException failure) {}

    void failOn(Choice choice, RuntimeException failure) {
        refusals.add(new Refusal(choice, failure));
    }

    /** Tell whether all has been refused that was to be. */
    boolean isUsedUp() {
        return refusals.isEmpty();
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
