package org.llmgine.store.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.h2.jdbcx.JdbcDataSource;
import org.h2.store.fs.FilePath;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.llmgine.api.ErrorCode;

final class DatabaseTest {
    @TempDir
    private Path folder;

    @Test
    void aFullDiskRefusesWhatCanNotBeStoredUntilThereIsRoom() throws SQLException {
        FullDisk disk = new FullDisk();
        FilePath.register(disk);
        JdbcDataSource source = new JdbcDataSource();
        source.setURL("jdbc:h2:full:" + folder.resolve("store")
                + ";WRITE_DELAY=0;DB_CLOSE_DELAY=-1;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0");
        source.setUser("llmgine");
        try (Connection connection = source.getConnection()) {
            Migrations.shipped().run(connection, true);
        }
        HikariConfig hikari = new HikariConfig();
        hikari.setDataSource(source);
        hikari.setConnectionTimeout(30_000);
        try (HikariDataSource pool = new HikariDataSource(hikari)) {
            Database database = new Database(pool, true, "host_a");
            JdbcSessionStore store = new JdbcSessionStore(database);
            store.put(Samples.session("sess_1"), List.of(Samples.loose("msg_1")), Optional.empty());

            FullDisk.FULL.set(true);
            JdbcSessionStoreTest.assertCode(
                    ErrorCode.UNAVAILABLE, () -> store.put(Samples.session("sess_2"), List.of(), Optional.empty()));
            assertThat(database.problem().orElseThrow()).startsWith("the database can't be used: ");

            FullDisk.FULL.set(false);
            store.put(Samples.session("sess_3"), List.of(), Optional.empty());
            assertThat(database.problem()).isEmpty();
            assertThat(store.entries("sess_1")).containsExactly(Samples.loose("msg_1"));
            assertThat(store.session("sess_3")).isPresent();
        } finally {
            FullDisk.FULL.set(false);
            try (Connection connection = source.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("SHUTDOWN");
            }
            FilePath.unregister(disk);
        }
    }

    @Test
    void aThreadThatIsInterruptedLeavesTheDatabaseToTheOthers() throws Exception {
        try (TestDatabase test = new TestDatabase(TestDatabase.Kind.H2)) {
            JdbcSessionStore store = new JdbcSessionStore(test.open("host_a"));
            for (int i = 0; i < 20; i++) {
                String id = "sess_" + i;
                CompletableFuture<Void> done = new CompletableFuture<>();
                Thread writer = Thread.startVirtualThread(() -> {
                    try {
                        Thread.currentThread().interrupt();
                        store.put(Samples.session(id), List.of(), Optional.empty());
                    } catch (RuntimeException e) {
                        // Whether it was stored is not what matters.
                    } finally {
                        done.complete(null);
                    }
                });
                writer.interrupt();
                done.get(10, TimeUnit.SECONDS);
            }

            store.put(Samples.session("sess_x"), List.of(), Optional.empty());
            assertThat(store.session("sess_x")).isPresent();
        }
    }

    @Test
    void whatAProgramThrowsRollsBack() {
        try (TestDatabase test = new TestDatabase(TestDatabase.Kind.H2)) {
            Database database = test.open("host_a");

            assertThatThrownBy(() -> database.write(sql -> {
                        sql.update("INSERT INTO accounts VALUES ('ann', '', '')");
                        throw new IllegalStateException("on purpose");
                    }))
                    .hasMessage("on purpose");
            assertThat(database.<Integer>read(sql -> sql.number("SELECT COUNT(*) FROM accounts")))
                    .isZero();
        }
    }
}
