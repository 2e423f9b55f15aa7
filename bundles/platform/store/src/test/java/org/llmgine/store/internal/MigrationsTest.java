package org.llmgine.store.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestDatabase.Kind.class)
final class MigrationsTest {
    private static final String FIRST = """
            -- A comment; with a semicolon.
            CREATE TABLE IF NOT EXISTS a (x INTEGER);
            CREATE TABLE IF NOT EXISTS b (x INTEGER);
            """;
    private static final String SECOND = "ALTER TABLE a ADD COLUMN IF NOT EXISTS y VARCHAR DEFAULT 'new' NOT NULL;";

    private final boolean file;
    private final TestDatabase database;

    MigrationsTest(TestDatabase.Kind kind) {
        file = kind == TestDatabase.Kind.H2;
        database = new TestDatabase(kind);
    }

    @AfterEach
    void close() {
        database.close();
    }

    private void migrate(String... scripts) throws SQLException {
        try (Connection connection = database.source().getConnection()) {
            new Migrations(List.of(scripts)).run(connection, file);
        }
    }

    private int number(String sql) throws SQLException {
        try (Connection connection = database.source().getConnection()) {
            return new Sql(connection).number(sql);
        }
    }

    @Test
    void anOlderDatabaseIsBroughtUpToDate() throws SQLException {
        migrate(FIRST);
        try (Connection connection = database.source().getConnection()) {
            new Sql(connection).update("INSERT INTO a VALUES (1)");
        }
        migrate(FIRST, SECOND);
        migrate(FIRST, SECOND);

        assertThat(number("SELECT COUNT(*) FROM a WHERE y = 'new'")).isEqualTo(1);
        assertThat(number("SELECT COUNT(*) FROM schema_version")).isEqualTo(2);
    }

    @Test
    void aNewerDatabaseIsRefused() throws SQLException {
        migrate(FIRST, SECOND);

        assertThatThrownBy(() -> migrate(FIRST))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "The database has the schema version 2, and this host knows up to 1: start the newer version"
                                + " of the host that has used it, or restore a backup into an empty database.");
    }

    @Test
    void aMigrationThatFailsIsDoneAgainWhenItIsMended() throws SQLException {
        assertThatThrownBy(() -> migrate(FIRST, SECOND + "\nCREATE TABLE IF NOT EXISTS c (x NONSENSE);"))
                .isInstanceOf(SQLException.class);
        assertThat(number("SELECT MAX(version) FROM schema_version")).isEqualTo(1);

        migrate(FIRST, SECOND + "\nCREATE TABLE IF NOT EXISTS c (x INTEGER);");

        assertThat(number("SELECT COUNT(*) FROM c")).isZero();
        assertThat(number("SELECT MAX(version) FROM schema_version")).isEqualTo(2);
    }

    @Test
    void whatIsShippedMayRunAgain() throws SQLException {
        String[] scripts = Migrations.shipped().scripts().toArray(String[]::new);
        migrate(scripts);
        try (Connection connection = database.source().getConnection()) {
            new Sql(connection).update("DELETE FROM schema_version");
        }

        migrate(scripts);

        assertThat(number("SELECT MAX(version) FROM schema_version")).isEqualTo(scripts.length);
    }

    @Test
    void hostsThatStartTogetherMigrateOneAfterTheOther() throws Exception {
        if (file) {
            return;
        }
        String[] scripts = Migrations.shipped().scripts().toArray(String[]::new);
        List<CompletableFuture<Void>> hosts = IntStream.range(0, 6)
                .mapToObj(i -> CompletableFuture.runAsync(
                        () -> {
                            try {
                                migrate(scripts);
                            } catch (SQLException e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        Thread::startVirtualThread))
                .toList();
        for (CompletableFuture<Void> host : hosts) {
            host.get(30, TimeUnit.SECONDS);
        }

        assertThat(number("SELECT COUNT(*) FROM schema_version")).isEqualTo(scripts.length);
    }
}
