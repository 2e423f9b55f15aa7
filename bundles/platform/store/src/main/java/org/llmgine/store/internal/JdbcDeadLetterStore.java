package org.llmgine.store.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.llmgine.bus.DeadLetter;
import org.llmgine.bus.spi.DeadLetterStore;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Keeps dead letters in the database. */
@Component(service = DeadLetterStore.class)
public final class JdbcDeadLetterStore implements DeadLetterStore {
    private final Database database;
    private final MessageBodies bodies = new MessageBodies();

    /** Use a database. */
    @Activate
    public JdbcDeadLetterStore(@Reference Database database) {
        this.database = database;
    }

    @Override
    public void put(DeadLetter letter) {
        String body = bodies.of(letter);
        database.merge(sql -> {
            int there = sql.update("UPDATE dead_letters SET body = ? WHERE id = ?", body, letter.id());
            return there > 0
                    ? there
                    : sql.update(
                            "INSERT INTO dead_letters (id, type, given_up, body) VALUES (?, ?, ?, ?)",
                            letter.id(),
                            letter.message().type(),
                            JdbcSessionStore.nanos(letter.first()),
                            body);
        });
    }

    @Override
    public Optional<DeadLetter> find(String id) {
        return database.read(
                        sql -> sql.first("SELECT body FROM dead_letters WHERE id = ?", row -> row.getString(1), id))
                .map(bodies::letter);
    }

    @Override
    public List<DeadLetter> list(String type, String after, int limit) {
        return database
                .read(sql -> {
                    List<Object> values = new ArrayList<>();
                    StringBuilder query = new StringBuilder("SELECT body FROM dead_letters WHERE 1 = 1");
                    JdbcAuditStore.condition(query, values, " AND type = ?", type);
                    Optional<Long> from =
                            sql.first("SELECT given_up FROM dead_letters WHERE id = ?", row -> row.getLong(1), after);
                    if (from.isPresent()) {
                        query.append(" AND (given_up > ? OR (given_up = ? AND id > ?))");
                        values.addAll(List.of(from.get(), from.get(), after));
                    }
                    query.append(" ORDER BY given_up, id FETCH FIRST ")
                            .append(limit)
                            .append(" ROWS ONLY");
                    return sql.list(query.toString(), row -> row.getString(1), values.toArray());
                })
                .stream()
                .map(bodies::letter)
                .toList();
    }

    @Override
    public int count() {
        return database.read(sql -> sql.number("SELECT COUNT(*) FROM dead_letters"));
    }

    @Override
    public boolean remove(String id) {
        return database.write(sql -> sql.update("DELETE FROM dead_letters WHERE id = ?", id)) > 0;
    }

    @Override
    public int removeAll(String type) {
        return database.write(sql -> type.isEmpty()
                ? sql.update("DELETE FROM dead_letters")
                : sql.update("DELETE FROM dead_letters WHERE type = ?", type));
    }
}
