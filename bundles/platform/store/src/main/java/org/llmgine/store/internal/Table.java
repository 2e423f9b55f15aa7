package org.llmgine.store.internal;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Describe a table that backups hold.
 *
 * @param name its name
 * @param columns its columns, the primary key's first
 * @param key how many columns the primary key has
 */
record Table(String name, List<String> columns, int key) {
    /**
     * All that backups hold, a table after those that it refers to. A table that a migration adds is added here; a column that
     * one adds needs a default, which rows of earlier backups get.
     */
    static final List<Table> ALL = List.of(
            new Table("accounts", List.of("name", "roles", "password_hash"), 1),
            new Table("api_keys", List.of("id", "sha256", "account", "label", "created", "expires"), 1),
            new Table("sessions", List.of("id", "owner", "updated", "body"), 1),
            new Table("entries", List.of("session", "position", "id", "turn", "body"), 2),
            new Table("turns", List.of("session", "position", "id", "running", "host", "body"), 2),
            new Table(
                    "approvals",
                    List.of("id", "session", "turn", "event", "asked_by", "state", "created", "expires", "body"),
                    1),
            new Table("dead_letters", List.of("id", "type", "given_up", "body"), 1),
            // Claims end with the host that has them.
            new Table("timers", List.of("id", "name", "schedule", "due", "parked", "content", "progress"), 1),
            new Table("audit", List.of("id", "happened", "principal", "action", "body"), 1),
            new Table("settings", List.of("pid", "version", "happened", "principal", "body"), 2),
            new Table("events", List.of("id", "happened", "session", "topic", "body"), 1));

    /** Return the name of its file in a backup. */
    String file() {
        return name + ".jsonl";
    }

    String select() {
        return "SELECT " + String.join(", ", columns) + " FROM " + name + " ORDER BY "
                + String.join(", ", columns.subList(0, key));
    }

    /** Return the statement that adds a row with values for some columns. */
    String insert(List<String> given) {
        return "INSERT INTO " + name + " (" + String.join(", ", given) + ") VALUES ("
                + given.stream().map(column -> "?").collect(Collectors.joining(", ")) + ")";
    }
}
