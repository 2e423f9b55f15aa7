package org.llmgine.core.internal;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.core.session.Approval;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.spi.ApprovalStore;
import org.llmgine.core.spi.SessionStore;

/** Keeps sessions and approvals for as long as it lives, where the host has a database. */
final class InMemorySessionStore implements SessionStore, ApprovalStore {
    private static final Comparator<Session> LAST_CHANGED_FIRST =
            Comparator.comparing(Session::updated).reversed().thenComparing(Session::id);

    private static final Comparator<Approval> NEWEST_FIRST =
            Comparator.comparing(Approval::created).reversed().thenComparing(Approval::id);

    private final Map<String, Held> sessions = new ConcurrentHashMap<>();
    /** Guarded by itself. */
    private final Map<String, Approval> approvals = new LinkedHashMap<>();

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
            turn.filter(now -> now.state().equals(SessionTurn.RUNNING)).ifPresent(now -> checkNoOther(held, now));
            held.session = session;
            held.entries.addAll(added);
            turn.ifPresent(now -> held.turns.put(now.id(), now));
        }
    }

    private static void checkNoOther(Held held, SessionTurn turn) {
        if (held.turns.values().stream()
                .filter(other -> !other.id().equals(turn.id()))
                .anyMatch(other ->
                        List.of(SessionTurn.RUNNING, SessionTurn.SUSPENDED).contains(other.state()))) {
            throw new LlmgineException(ErrorCode.BUSY, "A turn of the session is in progress on another host.");
        }
    }

    @Override
    public void remove(String sessionId) {
        sessions.remove(sessionId);
        synchronized (approvals) {
            approvals.values().removeIf(approval -> approval.session().equals(sessionId));
        }
    }

    @Override
    public Optional<Approval> approval(String approvalId) {
        synchronized (approvals) {
            return Optional.ofNullable(approvals.get(approvalId));
        }
    }

    private List<Approval> approvals(Predicate<Approval> choice) {
        synchronized (approvals) {
            return approvals.values().stream().filter(choice).toList();
        }
    }

    @Override
    public List<Approval> approvals(Filter filter, Optional<Approval> after, int limit) {
        return approvals(approval -> filter.askedBy()
                                .map(approval.askedBy().name()::equals)
                                .orElse(true)
                        && filter.state().map(approval.state()::equals).orElse(true)
                        && filter.session().map(approval.session()::equals).orElse(true)
                        && filter.turn().map(approval.turn()::equals).orElse(true))
                .stream()
                .filter(approval -> after.isEmpty() || NEWEST_FIRST.compare(approval, after.get()) > 0)
                .sorted(NEWEST_FIRST)
                .limit(limit)
                .toList();
    }

    @Override
    public List<Approval> ofTurn(String sessionId, String turnId) {
        return approvals(approval ->
                approval.session().equals(sessionId) && approval.turn().equals(turnId));
    }

    @Override
    public List<SessionTurn> suspended(Collection<String> sessionIds) {
        return sessionIds.stream()
                .flatMap(id -> turns(id).stream())
                .filter(turn -> turn.state().equals(SessionTurn.SUSPENDED))
                .toList();
    }

    @Override
    public void suspend(SessionTurn turn, List<Approval> asked) {
        synchronized (approvals) {
            asked.forEach(approval -> approvals.put(approval.id(), approval));
        }
        put(session(turn.session()).orElseThrow(), List.of(), Optional.of(turn));
    }

    @Override
    public boolean decide(Approval decided) {
        synchronized (approvals) {
            Approval there = approvals.get(decided.id());
            return there != null && there.isPending() && approvals.replace(decided.id(), there, decided);
        }
    }

    @Override
    public List<Approval> expired(Instant now, int limit) {
        return approvals(approval -> approval.isPending() && !approval.expires().isAfter(now)).stream()
                .limit(limit)
                .toList();
    }

    @Override
    public List<SessionTurn> ready(int limit) {
        return suspended(List.copyOf(sessions.keySet())).stream()
                .filter(turn -> ofTurn(turn.session(), turn.id()).stream().noneMatch(Approval::isPending))
                .limit(limit)
                .toList();
    }

    @Override
    public boolean leave(SessionTurn turn) {
        Held held = sessions.get(turn.session());
        if (held == null) {
            return false;
        }
        synchronized (held) {
            SessionTurn there = held.turns.get(turn.id());
            if (there == null || !there.state().equals(SessionTurn.SUSPENDED)) {
                return false;
            }
            held.turns.put(turn.id(), turn);
        }
        if (turn.isOver()) {
            synchronized (approvals) {
                approvals.replaceAll((id, approval) -> approval.turn().equals(turn.id()) && approval.isPending()
                        ? approval.decided(
                                Approval.CANCELLED,
                                Optional.empty(),
                                "",
                                turn.ended().orElseThrow())
                        : approval);
            }
        }
        return true;
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
