package org.llmgine.store.internal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.llmgine.core.spi.EventLog;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Keeps events in the database. */
@Component(service = {EventLog.class, JdbcEventLog.class})
public final class JdbcEventLog implements EventLog {
    private final Database database;
    private final Bodies bodies = new Bodies();

    /** Use a database. */
    @Activate
    public JdbcEventLog(@Reference Database database) {
        this.database = database;
    }

    /** Add events, all or none. */
    void append(List<Logged> events) {
        database.write(sql -> {
            try (Sql.Batch batch =
                    sql.batch("INSERT INTO events (id, happened, session, topic, body) VALUES (?, ?, ?, ?, ?)")) {
                for (Logged event : events) {
                    batch.add(
                            event.id(),
                            JdbcSessionStore.nanos(event.time()),
                            event.message().session(),
                            event.message().type(),
                            body(event));
                }
                batch.flush();
            }
            return events.size();
        });
    }

    @Override
    public List<Logged> list(Filter filter, String after, int limit) {
        List<Object> values = new ArrayList<>();
        StringBuilder query = new StringBuilder("SELECT body FROM events WHERE 1 = 1");
        JdbcAuditStore.condition(query, values, " AND session = ?", filter.session());
        JdbcAuditStore.condition(query, values, " AND topic = ?", filter.topic());
        JdbcAuditStore.condition(query, values, " AND id > ?", after);
        filter.from().ifPresent(from -> {
            query.append(" AND happened >= ?");
            values.add(JdbcSessionStore.nanos(from));
        });
        filter.before().ifPresent(before -> {
            query.append(" AND happened < ?");
            values.add(JdbcSessionStore.nanos(before));
        });
        query.append(" ORDER BY id FETCH FIRST ").append(limit).append(" ROWS ONLY");
        return database.read(sql -> sql.list(query.toString(), row -> row.getString(1), values.toArray())).stream()
                .map(this::event)
                .toList();
    }

    /**
     * Remove events that are older than a time.
     *
     * @return how many there were
     */
    int purge(Instant before) {
        return database.write(
                sql -> sql.update("DELETE FROM events WHERE happened < ?", JdbcSessionStore.nanos(before)));
    }

    private String body(Logged event) {
        ObjectNode node = Bodies.begin("event")
                .put("id", event.id())
                .put("eventId", event.eventId())
                .put("time", event.time().toString())
                .put("origin", event.origin());
        MessageBodies.put(node.putObject("message"), event.message());
        return bodies.text(node);
    }

    private Logged event(String body) {
        return bodies.read(
                "event",
                body,
                node -> new Logged(
                        Bodies.text(node, "id"),
                        Bodies.text(node, "eventId"),
                        Bodies.instant(node, "time"),
                        Bodies.text(node, "origin"),
                        MessageBodies.message(node.required("message"))));
    }
}
