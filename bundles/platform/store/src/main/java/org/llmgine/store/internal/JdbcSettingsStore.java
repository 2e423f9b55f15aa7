package org.llmgine.store.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.llmgine.core.spi.SettingsStore;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Keeps the settings in the database. */
@Component(service = SettingsStore.class)
public final class JdbcSettingsStore implements SettingsStore {
    private final Database database;
    private final Bodies bodies = new Bodies();

    /** Use a database. */
    @Activate
    public JdbcSettingsStore(@Reference Database database) {
        this.database = database;
    }

    @Override
    public List<State> current() {
        return database
                .read(sql -> sql.list(
                        "SELECT body FROM settings s WHERE version ="
                                + " (SELECT MAX(n.version) FROM settings n WHERE n.pid = s.pid)",
                        row -> row.getString(1)))
                .stream()
                .map(this::state)
                .toList();
    }

    @Override
    public List<State> history(String pid, long before, int limit) {
        return database
                .read(sql -> sql.list(
                        "SELECT body FROM settings WHERE pid = ? AND version < ? ORDER BY version DESC FETCH FIRST "
                                + limit + " ROWS ONLY",
                        row -> row.getString(1),
                        pid,
                        before))
                .stream()
                .map(this::state)
                .toList();
    }

    @Override
    public void append(State state, int kept) {
        String body = body(state);
        database.write(sql -> {
            sql.update(
                    "INSERT INTO settings (pid, version, happened, principal, body) VALUES (?, ?, ?, ?, ?)",
                    state.pid(),
                    state.version(),
                    JdbcSessionStore.nanos(state.time()),
                    state.principal(),
                    body);
            return sql.update(
                    "DELETE FROM settings WHERE pid = ? AND version <= ?", state.pid(), state.version() - kept);
        });
    }

    private String body(State state) {
        ObjectNode node = Bodies.begin("settings")
                .put("pid", state.pid())
                .put("version", state.version())
                .put("time", state.time().toString())
                .put("principal", state.principal())
                .put("removed", state.removed());
        ObjectNode values = node.putObject("values");
        state.values().forEach((name, value) -> {
            if (value instanceof List<?> list) {
                ArrayNode array = values.putArray(name);
                list.forEach(item -> array.addPOJO(item));
            } else {
                values.putPOJO(name, value);
            }
        });
        ObjectNode secrets = node.putObject("secrets");
        state.secrets().forEach(secrets::put);
        return bodies.text(node);
    }

    private State state(String body) {
        return bodies.read("settings", body, node -> {
            Map<String, Object> values = new HashMap<>();
            node.required("values").properties().forEach(value -> values.put(value.getKey(), value(value.getValue())));
            Map<String, String> secrets = new HashMap<>();
            node.required("secrets")
                    .properties()
                    .forEach(secret ->
                            secrets.put(secret.getKey(), secret.getValue().textValue()));
            return new State(
                    Bodies.text(node, "pid"),
                    node.required("version").longValue(),
                    Bodies.instant(node, "time"),
                    Bodies.text(node, "principal"),
                    node.required("removed").booleanValue(),
                    values,
                    secrets);
        });
    }

    private static Object value(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY ->
                StreamSupport.stream(node.spliterator(), false)
                        .map(JdbcSettingsStore::value)
                        .toList();
            case BOOLEAN -> node.booleanValue();
            case NUMBER -> node.isIntegralNumber() ? (Object) node.longValue() : (Object) node.doubleValue();
            default -> node.textValue();
        };
    }
}
