package org.llmgine.store.internal;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.llmgine.bus.spi.StoredTimer;
import org.llmgine.bus.spi.StoredTimer.Claim;
import org.llmgine.bus.spi.StoredTimer.Progress;
import org.llmgine.bus.spi.TimerStore;
import org.llmgine.store.internal.MessageBodies.Content;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Keeps timers in the database.
 *
 * <p>A claim names the host where it was made, so that it ends as soon as the others know that this one is gone.
 */
@Component(service = TimerStore.class)
public final class JdbcTimerStore implements TimerStore {
    private static final String SELECT = "SELECT id, name, schedule, due, content, progress, holder, until FROM timers";
    private static final String CLAIMABLE = "due <= ? AND (holder IS NULL OR until <= ?)";
    private static final String NO_CLAIM = "holder = NULL, until = NULL, claimant = NULL";

    private final Database database;
    private final MessageBodies bodies = new MessageBodies();

    /** Use a database. */
    @Activate
    public JdbcTimerStore(@Reference Database database) {
        this.database = database;
    }

    @Override
    public StoredTimer put(StoredTimer timer) {
        String content = bodies.of(Content.of(timer));
        String progress = bodies.of(timer.progress());
        return database.merge(sql -> {
            if (!timer.name().isEmpty()) {
                if (sql.update(
                                "UPDATE timers SET content = ? WHERE name = ? AND schedule = ?",
                                content,
                                timer.name(),
                                timer.schedule())
                        == 1) {
                    return sql.first(SELECT + " WHERE name = ?", this::timer, timer.name())
                            .orElseThrow();
                }
                sql.update("DELETE FROM timers WHERE name = ?", timer.name());
            }
            sql.update(
                    "INSERT INTO timers (id, name, schedule, due, parked, content, progress)"
                            + " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    timer.id(),
                    timer.name().isEmpty() ? null : timer.name(),
                    timer.schedule(),
                    timer.progress().due().toEpochMilli(),
                    parked(timer.progress()),
                    content,
                    progress);
            return timer.withClaim(Optional.empty());
        });
    }

    private static int parked(Progress progress) {
        return progress.parked().isEmpty() ? 0 : 1;
    }

    private StoredTimer timer(ResultSet row) throws SQLException {
        Content content = bodies.content(row.getString(5));
        Optional<String> holder = Optional.ofNullable(row.getString(7));
        Instant until = Instant.ofEpochMilli(row.getLong(8));
        return new StoredTimer(
                row.getString(1),
                Optional.ofNullable(row.getString(2)).orElse(""),
                content.origin(),
                row.getString(3),
                content.message(),
                content.timeout(),
                bodies.progress(row.getString(6), Instant.ofEpochMilli(row.getLong(4))),
                holder.map(name -> new Claim(name, until)));
    }

    @Override
    public Optional<StoredTimer> find(String idOrName) {
        return database.read(sql -> sql.first(SELECT + " WHERE id = ? OR name = ?", this::timer, idOrName, idOrName));
    }

    @Override
    public List<StoredTimer> list(String after, int limit) {
        return database.read(sql ->
                sql.list(SELECT + " WHERE id > ? ORDER BY id FETCH FIRST " + limit + " ROWS ONLY", this::timer, after));
    }

    @Override
    public boolean remove(String id) {
        return database.write(sql -> sql.update("DELETE FROM timers WHERE id = ?", id)) > 0;
    }

    @Override
    public List<StoredTimer> claim(String holder, Instant now, Instant until, int limit) {
        long millis = now.toEpochMilli();
        return database.write(sql -> {
            // It waits for no other host: what that one has in hand is no longer free, or is seen at the next look.
            List<String> ids = sql.list(
                    "SELECT id FROM timers WHERE " + CLAIMABLE + " ORDER BY due, id FETCH FIRST " + limit
                            + " ROWS ONLY FOR UPDATE SKIP LOCKED",
                    row -> row.getString(1),
                    millis,
                    millis);
            List<StoredTimer> claimed = new ArrayList<>();
            for (String id : ids) {
                if (sql.update(
                                "UPDATE timers SET holder = ?, until = ?, claimant = ? WHERE id = ? AND " + CLAIMABLE,
                                holder,
                                until.toEpochMilli(),
                                database.host(),
                                id,
                                millis,
                                millis)
                        == 1) {
                    sql.first(SELECT + " WHERE id = ?", this::timer, id).ifPresent(claimed::add);
                }
            }
            return claimed;
        });
    }

    @Override
    public Set<String> renew(String holder, Collection<String> ids, Instant until) {
        return database.write(sql -> {
            Set<String> kept = new HashSet<>();
            for (String id : ids) {
                if (sql.update(
                                "UPDATE timers SET until = ? WHERE id = ? AND holder = ?",
                                until.toEpochMilli(),
                                id,
                                holder)
                        == 1) {
                    kept.add(id);
                }
            }
            return kept;
        });
    }

    @Override
    public boolean complete(String id, String holder, Optional<Progress> next) {
        return database.write(sql -> next.isEmpty()
                        ? sql.update("DELETE FROM timers WHERE id = ? AND holder = ?", id, holder)
                        : sql.update(
                                "UPDATE timers SET due = ?, parked = ?, progress = ?, " + NO_CLAIM
                                        + " WHERE id = ? AND holder = ?",
                                next.get().due().toEpochMilli(),
                                parked(next.get()),
                                bodies.of(next.get()),
                                id,
                                holder))
                == 1;
    }

    @Override
    public void release(String holder) {
        database.write(sql -> sql.update("UPDATE timers SET " + NO_CLAIM + " WHERE holder = ?", holder));
    }

    /**
     * End the claims of hosts that are no longer there.
     *
     * @return how many there were
     */
    static int releaseAbandoned(Sql sql) throws SQLException {
        return sql.update("UPDATE timers SET " + NO_CLAIM
                + " WHERE claimant IS NOT NULL AND claimant NOT IN (SELECT id FROM hosts)");
    }

    @Override
    public void unpark(Instant due) {
        long millis = due.toEpochMilli();
        String parked = "parked = 1 AND holder IS NULL AND due > ?";
        database.write(sql -> {
            // In an order: two hosts that do this at the same moment don't wait for each other.
            List<String> ids = sql.list(
                    "SELECT id FROM timers WHERE " + parked + " ORDER BY id FOR UPDATE",
                    row -> row.getString(1),
                    millis);
            for (String id : ids) {
                sql.update("UPDATE timers SET due = ? WHERE id = ? AND " + parked, millis, id, millis);
            }
            return ids.size();
        });
    }

    @Override
    public Optional<Instant> nextDue() {
        return database.read(sql -> sql.first(
                "SELECT CASE WHEN holder IS NULL THEN due ELSE until END AS next_due FROM timers"
                        + " ORDER BY next_due FETCH FIRST 1 ROWS ONLY",
                row -> Instant.ofEpochMilli(row.getLong(1))));
    }
}
