package org.llmgine.store.internal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.llmgine.core.command.AuditEntry;
import org.llmgine.core.spi.AuditStore;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Keeps the audit in the database. */
@Component(service = AuditStore.class)
public final class JdbcAuditStore implements AuditStore {
    private final Database database;
    private final Bodies bodies = new Bodies();

    /** Use a database. */
    @Activate
    public JdbcAuditStore(@Reference Database database) {
        this.database = database;
    }

    @Override
    public void append(AuditEntry entry) {
        String body = body(entry);
        database.write(sql -> sql.update(
                "INSERT INTO audit (id, happened, principal, action, body) VALUES (?, ?, ?, ?, ?)",
                entry.id(),
                JdbcSessionStore.nanos(entry.time()),
                entry.principal(),
                entry.action(),
                body));
    }

    @Override
    public List<AuditEntry> list(String principal, String action, String after, int limit) {
        List<Object> values = new ArrayList<>();
        StringBuilder query = new StringBuilder("SELECT body FROM audit WHERE 1 = 1");
        condition(query, values, " AND principal = ?", principal);
        condition(query, values, " AND action = ?", action);
        condition(query, values, " AND id < ?", after);
        query.append(" ORDER BY id DESC FETCH FIRST ").append(limit).append(" ROWS ONLY");
        return database.read(sql -> sql.list(query.toString(), row -> row.getString(1), values.toArray())).stream()
                .map(this::entry)
                .toList();
    }

    /** Add a condition, unless its value is empty, which stands for all. */
    static void condition(StringBuilder query, List<Object> values, String condition, String value) {
        if (!value.isEmpty()) {
            query.append(condition);
            values.add(value);
        }
    }

    @Override
    public int purge(Instant before) {
        return database.write(
                sql -> sql.update("DELETE FROM audit WHERE happened < ?", JdbcSessionStore.nanos(before)));
    }

    private String body(AuditEntry entry) {
        ObjectNode node = Bodies.begin("audit")
                .put("id", entry.id())
                .put("time", entry.time().toString())
                .put("principal", entry.principal())
                .put("action", entry.action())
                .put("target", entry.target())
                .put("outcome", entry.outcome())
                .put("details", entry.details())
                .put("session", entry.session())
                .put("face", entry.face());
        entry.roles().stream().sorted().forEach(node.putArray("roles")::add);
        return bodies.text(node);
    }

    private AuditEntry entry(String body) {
        return bodies.read("audit", body, node -> {
            Set<String> roles = new HashSet<>();
            node.required("roles").forEach(role -> roles.add(role.textValue()));
            return new AuditEntry(
                    Bodies.text(node, "id"),
                    Bodies.instant(node, "time"),
                    Bodies.text(node, "principal"),
                    roles,
                    Bodies.text(node, "action"),
                    Bodies.text(node, "target"),
                    Bodies.text(node, "outcome"),
                    Bodies.text(node, "details"),
                    Bodies.text(node, "session"),
                    Bodies.text(node, "face"));
        });
    }
}
