package org.llmgine.store.internal;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.spi.SessionStore;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Keeps sessions in the database.
 *
 * <p>Of several hosts one runs a session's turn: the row of that turn names the host until it is over, or suspended: see
 * {@link JdbcApprovalStore}. Whoever else would run
 * one, or add to the history meanwhile, is refused as {@code busy}; a host whose turn was ended by another one, because it
 * seemed dead, is told {@code interrupted}.
 */
@Component(service = SessionStore.class)
public final class JdbcSessionStore implements SessionStore {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
    private static final String ABANDONED = "host IS NOT NULL AND host NOT IN (SELECT id FROM hosts)";
    private static final String ADD_TURN =
            "INSERT INTO turns (session, position, id, running, host, body) VALUES (?, ?, ?, ?, ?, ?)";

    private final Database database;
    private final Bodies bodies = new Bodies();

    /** Use a database. */
    @Activate
    public JdbcSessionStore(@Reference Database database) {
        this.database = database;
    }

    @Override
    public Optional<Session> session(String sessionId) {
        return database.read(
                        sql -> sql.first("SELECT body FROM sessions WHERE id = ?", row -> row.getString(1), sessionId))
                .map(bodies::session);
    }

    @Override
    public List<Session> sessions(String owner, Optional<Session> after, int limit) {
        String begin = "SELECT body FROM sessions WHERE owner = ?";
        String end = " ORDER BY updated DESC, id FETCH FIRST " + limit + " ROWS ONLY";
        return database
                .read(sql -> after.isEmpty()
                        ? sql.list(begin + end, row -> row.getString(1), owner)
                        : sql.list(
                                begin + " AND (updated < ? OR (updated = ? AND id > ?))" + end,
                                row -> row.getString(1),
                                owner,
                                nanos(after.get().updated()),
                                nanos(after.get().updated()),
                                after.get().id()))
                .stream()
                .map(bodies::session)
                .toList();
    }

    @Override
    public int count() {
        return database.read(sql -> sql.number("SELECT COUNT(*) FROM sessions"));
    }

    @Override
    public int count(String owner) {
        return database.read(sql -> sql.number("SELECT COUNT(*) FROM sessions WHERE owner = ?", owner));
    }

    @Override
    public List<Entry> entries(String sessionId) {
        return database
                .read(sql -> sql.list(
                        "SELECT body FROM entries WHERE session = ? ORDER BY position",
                        row -> row.getString(1),
                        sessionId))
                .stream()
                .map(bodies::entry)
                .toList();
    }

    @Override
    public List<SessionTurn> turns(String sessionId) {
        return database
                .read(sql -> sql.list(
                        "SELECT body FROM turns WHERE session = ? ORDER BY position",
                        row -> row.getString(1),
                        sessionId))
                .stream()
                .map(bodies::turn)
                .toList();
    }

    @Override
    public Optional<SessionTurn> turn(String sessionId, String turnId) {
        return database.read(sql -> sql.first(
                        "SELECT body FROM turns WHERE session = ? AND id = ?",
                        row -> row.getString(1),
                        sessionId,
                        turnId))
                .map(bodies::turn);
    }

    @Override
    public void put(Session session, List<Entry> added, Optional<SessionTurn> turn) {
        String body = bodies.of(session);
        List<String> messages = added.stream().map(bodies::of).toList();
        database.write(sql -> {
            put(sql, session, body);
            if (turn.isPresent()) {
                put(sql, turn.get());
            }
            if (!added.isEmpty()) {
                checkTurn(sql, session.id(), added);
                add(sql, session.id(), added, messages);
            }
            return true;
        });
    }

    private static void put(Sql sql, Session session, String body) throws SQLException {
        long updated = nanos(session.updated());
        if (sql.update(
                        "UPDATE sessions SET owner = ?, updated = ?, body = ? WHERE id = ?",
                        session.owner(),
                        updated,
                        body,
                        session.id())
                == 0) {
            sql.update(
                    "INSERT INTO sessions (id, owner, updated, body) VALUES (?, ?, ?, ?)",
                    session.id(),
                    session.owner(),
                    updated,
                    body);
        }
    }

    private void put(Sql sql, SessionTurn turn) throws SQLException {
        String body = bodies.of(turn);
        String host = turn.isOver() ? null : database.host();
        String running = turn.state().equals(SessionTurn.RUNNING) ? turn.session() : null;
        if (running != null) {
            checkNoOther(sql, turn);
        }
        if (sql.update(
                        "UPDATE turns SET running = ?, host = ?, body = ? WHERE session = ? AND id = ? AND host = ?",
                        running,
                        host,
                        body,
                        turn.session(),
                        turn.id(),
                        database.host())
                == 1) {
            return;
        }
        Optional<String> there = sql.first(
                "SELECT body FROM turns WHERE session = ? AND id = ?",
                row -> row.getString(1),
                turn.session(),
                turn.id());
        if (there.isEmpty()) {
            sql.update(ADD_TURN, turn.session(), next(sql, "turns", turn.session()), turn.id(), running, host, body);
        } else if (!there.get().equals(body)) {
            throw interrupted();
        }
    }

    private static void checkNoOther(Sql sql, SessionTurn turn) throws SQLException {
        Optional<Running> other =
                running(sql, turn.session()).filter(one -> !one.turn().equals(turn.id()));
        if (other.isPresent()) {
            throw busy(other.get());
        }
    }

    /** Check that who adds messages may: the host of the running turn, and nobody else while one runs. */
    private void checkTurn(Sql sql, String session, List<Entry> added) throws SQLException {
        Optional<Running> running = running(sql, session);
        if (running.isPresent() && !running.get().host().equals(Optional.of(database.host()))) {
            throw busy(running.get());
        }
        Optional<String> turn = added.getLast().turn();
        if (turn.isPresent() && !turn.equals(running.map(Running::turn))) {
            throw interrupted();
        }
    }

    private static Optional<Running> running(Sql sql, String session) throws SQLException {
        return sql.first(
                "SELECT id, host FROM turns WHERE running = ?",
                row -> new Running(row.getString(1), Optional.ofNullable(row.getString(2))),
                session);
    }

    /** A turn that holds its session; one that is suspended has no host. */
    private record Running(String turn, Optional<String> host) {}

    private static void add(Sql sql, String session, List<Entry> added, List<String> messages) throws SQLException {
        int position = next(sql, "entries", session);
        try (Sql.Batch batch =
                sql.batch("INSERT INTO entries (session, position, id, turn, body) VALUES (?, ?, ?, ?, ?)")) {
            for (int i = 0; i < added.size(); i++) {
                Entry entry = added.get(i);
                batch.add(session, position + i, entry.id(), entry.turn().orElse(null), messages.get(i));
            }
            batch.flush();
        }
    }

    private static int next(Sql sql, String table, String session) throws SQLException {
        return sql.number("SELECT MAX(position) FROM " + table + " WHERE session = ?", session) + 1;
    }

    @Override
    public void remove(String sessionId) {
        database.write(sql -> sql.update("DELETE FROM sessions WHERE id = ?", sessionId));
    }

    /**
     * End the turns of hosts that are no longer there, each once, whichever host comes first.
     *
     * @return how many there were
     */
    static int interruptAbandoned(Sql sql, Instant now) throws SQLException {
        Bodies bodies = new Bodies();
        List<String> abandoned = sql.list("SELECT body FROM turns WHERE " + ABANDONED, row -> row.getString(1));
        int ended = 0;
        for (String body : abandoned) {
            SessionTurn turn = bodies.turn(body);
            ended += sql.update(
                    "UPDATE turns SET running = NULL, host = NULL, body = ? WHERE session = ? AND id = ? AND "
                            + ABANDONED,
                    bodies.of(turn.interrupted(now)),
                    turn.session(),
                    turn.id());
        }
        return ended;
    }

    private static LlmgineException busy(Running running) {
        LlmgineException busy = running.host().isPresent()
                ? new LlmgineException(ErrorCode.BUSY, "A turn of the session is in progress on another host.")
                        .withHint("Wait for its end.")
                : new LlmgineException(ErrorCode.BUSY, "A turn of the session waits for an approval.")
                        .withHint("Approve or deny it, or cancel the turn.");
        return busy.withRetryAfter(RETRY_AFTER);
    }

    static LlmgineException interrupted() {
        return new LlmgineException(
                        ErrorCode.INTERRUPTED, "Another host has ended the turn: this one seemed dead to it.")
                .withHint("Ask again.");
    }

    /** Return what instants are sorted by; those beyond the year 2262 or before 1677 are all the same. */
    static long nanos(Instant instant) {
        try {
            return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
        } catch (ArithmeticException e) {
            return instant.getEpochSecond() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }
}
