package org.llmgine.core.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.spi.SessionStore;

/** Keeps sessions for as long as it lives, where the host has a database. */
final class InMemorySessionStore implements SessionStore {
    private static final Comparator<Session> LAST_CHANGED_FIRST =
            Comparator.comparing(Session::updated).reversed().thenComparing(Session::id);

    private final Map<String, Held> sessions = new ConcurrentHashMap<>();

    /** A session; its lists are guarded by itself. */
    private static final class Held {
        private final List<Entry> entries = new ArrayList<>();
        private final Map<String, SessionTurn> turns = new LinkedHashMap<>();
        private volatile Session session;

        Held(Session session) {
            this.session = session;
        }
    }

    @Override
    public Optional<Session> session(String sessionId) {
        return Optional.ofNullable(sessions.get(sessionId)).map(held -> held.session);
    }

    @Override
    public List<Session> sessions(String owner, Optional<Session> after, int limit) {
        return sessions.values().stream()
                .map(held -> held.session)
                .filter(session -> session.owner().equals(owner))
                .filter(session -> after.isEmpty() || LAST_CHANGED_FIRST.compare(session, after.get()) > 0)
                .sorted(LAST_CHANGED_FIRST)
                .limit(limit)
                .toList();
    }

    @Override
    public int count() {
        return sessions.size();
    }

    @Override
    public int count(String owner) {
        return (int) sessions.values().stream()
                .filter(held -> held.session.owner().equals(owner))
                .count();
    }

    @Override
    public List<Entry> entries(String sessionId) {
        return read(sessionId, held -> List.copyOf(held.entries)).orElse(List.of());
    }

    @Override
    public List<SessionTurn> turns(String sessionId) {
        return read(sessionId, held -> List.copyOf(held.turns.values())).orElse(List.of());
    }

    @Override
    public Optional<SessionTurn> turn(String sessionId, String turnId) {
        return read(sessionId, held -> Optional.ofNullable(held.turns.get(turnId)))
                .orElse(Optional.empty());
    }

    @Override
    public void put(Session session, List<Entry> added, Optional<SessionTurn> turn) {
        Held held = sessions.computeIfAbsent(session.id(), id -> new Held(session));
        synchronized (held) {
            held.session = session;
            held.entries.addAll(added);
            turn.ifPresent(now -> held.turns.put(now.id(), now));
        }
    }

    @Override
    public void remove(String sessionId) {
        sessions.remove(sessionId);
    }

    private <R> Optional<R> read(String sessionId, Function<Held, R> what) {
        Held held = sessions.get(sessionId);
        if (held == null) {
            return Optional.empty();
        }
        synchronized (held) {
            return Optional.of(what.apply(held));
        }
    }
}
