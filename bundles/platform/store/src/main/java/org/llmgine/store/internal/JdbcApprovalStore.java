package org.llmgine.store.internal;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.llmgine.core.session.Approval;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.spi.ApprovalStore;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Keeps approvals in the database, and moves the turns that wait for them.
 *
 * <p>The row of a suspended turn holds its session and names no host: the session can run no other turn, and no host's death
 * ends it. Decisions and entries are updates of a row that is still as it was, so that of several hosts one succeeds.
 */
@Component(service = ApprovalStore.class)
public final class JdbcApprovalStore implements ApprovalStore {
    private static final int LISTED_AT_ONCE = 500;
    private static final String IS_SUSPENDED = "running > '' AND host IS NULL";

    private final Database database;
    private final Bodies bodies = new Bodies();

    /** Use a database. */
    @Activate
    public JdbcApprovalStore(@Reference Database database) {
        this.database = database;
    }

    @Override
    public Optional<Approval> approval(String approvalId) {
        return approvals("WHERE id = ?", approvalId).stream().findFirst();
    }

    @Override
    public List<Approval> approvals(Filter filter, Optional<Approval> after, int limit) {
        List<String> conditions = new ArrayList<>();
        List<@Nullable Object> values = new ArrayList<>();
        add("asked_by", filter.askedBy(), conditions, values);
        add("state", filter.state(), conditions, values);
        add("session", filter.session(), conditions, values);
        add("turn", filter.turn(), conditions, values);
        after.ifPresent(last -> {
            conditions.add("(created < ? OR (created = ? AND id > ?))");
            long created = JdbcSessionStore.nanos(last.created());
            Collections.addAll(values, created, created, last.id());
        });
        String where = conditions.isEmpty() ? "" : "WHERE " + String.join(" AND ", conditions);
        return approvals(where + " ORDER BY created DESC, id FETCH FIRST " + limit + " ROWS ONLY", values.toArray());
    }

    private static void add(
            String column, Optional<String> wanted, List<String> conditions, List<@Nullable Object> values) {
        wanted.ifPresent(value -> {
            conditions.add(column + " = ?");
            values.add(value);
        });
    }

    private List<Approval> approvals(String which, @Nullable Object... values) {
        return database
                .read(sql -> sql.list("SELECT body FROM approvals " + which, row -> row.getString(1), values))
                .stream()
                .map(bodies::approval)
                .toList();
    }

    @Override
    public List<Approval> ofTurn(String sessionId, String turnId) {
        return approvals("WHERE session = ? AND turn = ? ORDER BY event", sessionId, turnId);
    }

    @Override
    public List<SessionTurn> suspended(Collection<String> sessionIds) {
        List<String> ids = List.copyOf(sessionIds);
        List<SessionTurn> turns = new ArrayList<>();
        for (int from = 0; from < ids.size(); from += LISTED_AT_ONCE) {
            List<String> some = ids.subList(from, Math.min(ids.size(), from + LISTED_AT_ONCE));
            String places = String.join(", ", Collections.nCopies(some.size(), "?"));
            turns.addAll(turns("running IN (" + places + ") AND host IS NULL", some.toArray()));
        }
        return turns;
    }

    private List<SessionTurn> turns(String which, @Nullable Object... values) {
        return database
                .read(sql -> sql.list("SELECT body FROM turns WHERE " + which, row -> row.getString(1), values))
                .stream()
                .map(bodies::turn)
                .toList();
    }

    @Override
    public void suspend(SessionTurn turn, List<Approval> approvals) {
        String body = bodies.of(turn);
        List<String> asked = approvals.stream().map(bodies::of).toList();
        database.write(sql -> {
            int left = sql.update(
                    "UPDATE turns SET host = NULL, body = ? WHERE session = ? AND id = ? AND host = ?"
                            + " AND running IS NOT NULL",
                    body,
                    turn.session(),
                    turn.id(),
                    database.host());
            if (left == 0) {
                throw JdbcSessionStore.interrupted();
            }
            add(sql, approvals, asked);
            return true;
        });
    }

    private static void add(Sql sql, List<Approval> approvals, List<String> asked) throws SQLException {
        try (Sql.Batch batch = sql.batch("INSERT INTO approvals"
                + " (id, session, turn, event, asked_by, state, created, expires, body)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            for (int i = 0; i < approvals.size(); i++) {
                Approval approval = approvals.get(i);
                batch.add(
                        approval.id(),
                        approval.session(),
                        approval.turn(),
                        approval.event(),
                        approval.askedBy().name(),
                        approval.state(),
                        JdbcSessionStore.nanos(approval.created()),
                        JdbcSessionStore.nanos(approval.expires()),
                        asked.get(i));
            }
            batch.flush();
        }
    }

    @Override
    public boolean decide(Approval decided) {
        return database.write(sql -> decide(sql, decided));
    }

    private boolean decide(Sql sql, Approval decided) throws SQLException {
        return sql.update(
                        "UPDATE approvals SET state = ?, body = ? WHERE id = ? AND state = ?",
                        decided.state(),
                        bodies.of(decided),
                        decided.id(),
                        Approval.PENDING)
                == 1;
    }

    @Override
    public List<Approval> expired(Instant now, int limit) {
        return approvals(
                "WHERE state = ? AND expires <= ? ORDER BY expires, id FETCH FIRST " + limit + " ROWS ONLY",
                Approval.PENDING,
                JdbcSessionStore.nanos(now));
    }

    @Override
    public List<SessionTurn> ready(int limit) {
        return turns(
                IS_SUSPENDED + " AND NOT EXISTS (SELECT 1 FROM approvals WHERE approvals.session = turns.session"
                        + " AND approvals.turn = turns.id AND approvals.state = ?) FETCH FIRST " + limit
                        + " ROWS ONLY",
                Approval.PENDING);
    }

    @Override
    public boolean leave(SessionTurn turn) {
        String body = bodies.of(turn);
        return database.write(sql -> {
            int left = sql.update(
                    "UPDATE turns SET running = ?, host = ?, body = ? WHERE session = ? AND id = ? AND " + IS_SUSPENDED,
                    turn.isOver() ? null : turn.session(),
                    turn.isOver() ? null : database.host(),
                    body,
                    turn.session(),
                    turn.id());
            if (left == 1 && turn.isOver()) {
                cancel(sql, turn);
            }
            return left == 1;
        });
    }

    private void cancel(Sql sql, SessionTurn turn) throws SQLException {
        List<String> pending = sql.list(
                "SELECT body FROM approvals WHERE session = ? AND turn = ? AND state = ?",
                row -> row.getString(1),
                turn.session(),
                turn.id(),
                Approval.PENDING);
        Instant when = turn.ended().orElseThrow();
        for (String body : pending) {
            decide(sql, bodies.approval(body).decided(Approval.CANCELLED, Optional.empty(), "", when));
        }
    }
}
