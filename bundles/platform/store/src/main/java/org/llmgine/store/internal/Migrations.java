package org.llmgine.store.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a database to the schema of this host: runs the scripts {@code migrations/NNN.sql} that it has not had yet.
 *
 * <p>A script and its number in {@code schema_version} are one transaction. H2 commits each change of a schema at once, so that
 * a script may be cut off and run again: every statement in it must bear that.
 *
 * @param scripts the scripts, the one of version 1 first
 */
record Migrations(List<String> scripts) {
    private static final Logger LOG = LoggerFactory.getLogger(Migrations.class);

    /** Any number will do that all hosts of a database use, and nobody else. */
    private static final long LOCK = 5_557_463_463L;

    /** What only PostgreSQL gets, written as a comment. */
    private static final Pattern POSTGRES = Pattern.compile("/\\* PostgreSQL: (.*?) \\*/");

    private static final String LOCK_TIMEOUT = "60s";

    /** Load the scripts that are in the bundle. */
    static Migrations shipped() {
        List<String> scripts = new ArrayList<>();
        @Nullable String script;
        while ((script = script(scripts.size() + 1)) != null) {
            scripts.add(script);
        }
        return new Migrations(scripts);
    }

    private static @Nullable String script(int version) {
        try (InputStream in = Migrations.class.getResourceAsStream("migrations/%03d.sql".formatted(version))) {
            return in == null ? null : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Return the version that this host works with. */
    int version() {
        return scripts.size();
    }

    /**
     * Migrate, while no other host does.
     *
     * @throws IllegalStateException when the database is a newer host's
     */
    void run(Connection connection, boolean file) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!file) {
                // Held until the connection is closed.
                statement.execute("SET lock_timeout = '" + LOCK_TIMEOUT + "'");
                statement.execute("SELECT pg_advisory_lock(" + LOCK + ")");
            }
            statement.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL PRIMARY KEY,"
                    + " applied TIMESTAMP WITH TIME ZONE NOT NULL)");
        }
        int found = new Sql(connection).number("SELECT MAX(version) FROM schema_version");
        if (found > version()) {
            throw new IllegalStateException("The database has the schema version " + found
                    + ", and this host knows up to "
                    + version() + ": start the newer version of the host that has used it, or restore a backup into an"
                    + " empty database.");
        }
        for (int version = found + 1; version <= version(); version++) {
            migrate(connection, version, file);
        }
        if (found > 0 && found < version()) {
            LOG.info("The database's schema was brought from version {} to {}.", found, version());
        }
    }

    private void migrate(Connection connection, int version, boolean file) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            String script = scripts.get(version - 1);
            for (String sql :
                    statements(file ? script : POSTGRES.matcher(script).replaceAll("$1"))) {
                statement.execute(sql);
            }
            new Sql(connection).update("INSERT INTO schema_version VALUES (?, CURRENT_TIMESTAMP)", version);
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    /** Split a script at semicolons that end a line. */
    private static List<String> statements(String script) {
        return List.of(script.replaceAll("(?m)^--.*\\n", "").split(";\\s*(?:\\n|$)")).stream()
                .map(String::strip)
                .filter(sql -> !sql.isEmpty())
                .toList();
    }
}
