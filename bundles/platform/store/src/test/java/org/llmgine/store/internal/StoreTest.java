package org.llmgine.store.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import javax.sql.DataSource;
import org.apache.felix.hc.api.Result;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.llmgine.api.ErrorCode;
import org.llmgine.core.spi.AccountStore.Account;
import org.llmgine.testkit.FakeSettings;

/** The store from its start to its end. */
final class StoreTest {
    private static final Logger LOGGER = Logger.getLogger(Store.class.getName());

    @TempDir
    private Path data;

    private final ManualTimer timer = new ManualTimer();
    private final MetricRegistry metrics = new MetricRegistry();
    private final List<String> logged = new CopyOnWriteArrayList<>();
    private FakeContext framework = new FakeContext(Path.of(""));
    private long nanos = System.nanoTime();

    @BeforeEach
    void listen() {
        LOGGER.setFilter(entry -> {
            logged.add(new SimpleFormatter().formatMessage(entry));
            return false;
        });
    }

    @AfterEach
    void listenNoMore() {
        LOGGER.setFilter(null);
    }

    private Store start(Map<String, Object> settings) {
        return start(settings, Map.of());
    }

    private Store start(Map<String, Object> settings, Map<String, String> environment) {
        framework = new FakeContext(data);
        Store store = new Store(
                framework.context(),
                FakeSettings.of(StoreConfig.class, new HashMap<>(settings)),
                timer,
                metrics,
                environment);
        passSeconds(1);
        return store;
    }

    private void passSeconds(int seconds) {
        nanos = Math.max(nanos, System.nanoTime()) + TimeUnit.SECONDS.toNanos(seconds);
        timer.round(nanos);
    }

    private Database database() {
        return framework.service(Database.class).orElseThrow();
    }

    private String last() {
        return logged.getLast();
    }

    @Test
    void itOpensTheFileOffersItAndLetsItGoAgain() throws Exception {
        Files.writeString(data.resolve("accounts.json"), "{\"accounts\": [], \"keys\": []}");
        Store store = start(Map.of());

        assertThat(last()).isEqualTo("The store is the database " + data.resolve("store/llmgine.mv.db") + ".");
        try (Connection connection =
                framework.service(DataSource.class).orElseThrow().getConnection()) {
            assertThat(new Sql(connection).number("SELECT COUNT(*) FROM hosts")).isEqualTo(1);
        }
        assertThat(data.resolve("accounts.json.migrated")).exists();
        assertThat(metrics.getGauges().keySet())
                .containsExactly(
                        "llmgine_store_connections_active",
                        "llmgine_store_connections_idle",
                        "llmgine_store_connections_max",
                        "llmgine_store_connections_pending");
        assertThat(Objects.requireNonNull(metrics.getGauges().get("llmgine_store_connections_max"))
                        .getValue())
                .isEqualTo(10);
        assertThat(new DatabaseCheck(database()).execute().getStatus()).isEqualTo(Result.Status.OK);
        String node = Files.readString(data.resolve("host.id"));
        String first = database().host();

        store.modified();
        assertThat(last()).contains("at the next start");
        store.close();
        assertThat(framework.services).isEmpty();
        assertThat(metrics.getNames()).isEmpty();
        assertThat(timer.watches()).isZero();

        Store again = start(Map.of());
        assertThat(database().host()).isNotEqualTo(first);
        assertThat(data.resolve("host.id")).hasContent(node);
        again.close();
    }

    @Test
    void whatItCanNotOpenStopsTheHostWithOneSentence() throws IOException {
        start(Map.of("url", "jdbc:mysql://x/y"));
        assertThat(framework.stopped).isTrue();
        assertThat(last()).startsWith("The host stops. LLMGINE_DB_URL is no address of a PostgreSQL database");

        Files.createDirectories(data.resolve("store"));
        Files.writeString(data.resolve("store/llmgine.mv.db"), "no database ".repeat(10_000));
        start(Map.of());
        assertThat(framework.stopped).isTrue();
        assertThat(last())
                .isEqualTo("The host stops. Can't read the database " + data.resolve("store/llmgine.mv.db")
                        + ", which is damaged or no database: move it away and restore a backup.");
        assertThat(timer.watches()).isZero();
    }

    @Test
    void aNewerDatabaseStopsTheHost() throws SQLException {
        start(Map.of()).close();
        try (Connection connection =
                TestDatabase.settings(Map.of(), Map.of(), data).source().getConnection()) {
            new Sql(connection).update("INSERT INTO schema_version VALUES (99, CURRENT_TIMESTAMP)");
            connection.createStatement().execute("SHUTDOWN");
        }

        start(Map.of());

        assertThat(framework.stopped).isTrue();
        assertThat(last())
                .startsWith("The host stops. The database has the schema version 99, and this host knows up to");
    }

    @Test
    void aFileThatAnotherProcessUsesStopsTheHost() throws Exception {
        start(Map.of()).close();
        Process other = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        TestDatabase.settings(Map.of(), Map.of(), data)
                                .source()
                                .unwrap(JdbcDataSource.class)
                                .getURL())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var ready = other.inputReader()) {
            assertThat(ready.readLine()).isEqualTo("open");

            start(Map.of());

            assertThat(framework.stopped).isTrue();
            assertThat(last())
                    .isEqualTo("The host stops. Another process uses the database "
                            + data.resolve("store/llmgine.mv.db")
                            + ": stop it, or set LLMGINE_DATA to another folder.");
        } finally {
            other.destroyForcibly().waitFor();
        }
        Store after = start(Map.of());
        assertThat(framework.stopped).isFalse();
        after.close();
    }

    /** Holds a database open in a process of its own. */
    static final class Holder {
        public static void main(String[] args) throws Exception {
            // That makes the file system known to H2.
            KillSafeFile.url("");
            JdbcDataSource source = new JdbcDataSource();
            source.setURL(args[0]);
            source.setUser("llmgine");
            try (Connection connection = source.getConnection()) {
                System.out.println("open");
                System.in.read();
            }
        }
    }

    @Test
    void aServerThatIsAwayIsWaitedForUntilTheDeadline() {
        Map<String, Object> settings =
                Map.of("url", "jdbc:postgresql://127.0.0.1:1/x", "user", "llmgine", "startTimeoutMs", 0L);
        start(settings);
        assertThat(framework.stopped).isTrue();
        assertThat(last())
                .startsWith("The host stops. Can't reach the database jdbc:postgresql://127.0.0.1:1/x within 0 s: ")
                .endsWith("Start the database, or set LLMGINE_DB_URL to one that runs.");

        Map<String, Object> patient = new HashMap<>(settings);
        patient.put("startTimeoutMs", 60_000L);
        Store waiting = start(patient);
        assertThat(last()).startsWith("Waiting for the database jdbc:postgresql://127.0.0.1:1/x: ");
        int lines = logged.size();
        passSeconds(2);
        assertThat(logged).hasSize(lines);
        assertThat(framework.stopped).isFalse();
        waiting.close();
        assertThat(timer.watches()).isZero();
        passSeconds(2);
        assertThat(framework.services).isEmpty();
    }

    @Test
    void aServerThatRefusesTheHostIsNotWaitedFor() {
        String url = Postgres.shared().database();
        start(Map.of("url", url + "_none", "user", "llmgine", "password", "hush"));
        assertThat(framework.stopped).isTrue();
        assertThat(last())
                .startsWith("The host stops. Can't use the database " + url + "_none: ")
                .contains("does not exist");

        start(Map.of("url", url, "user", "nobody"));
        assertThat(last()).contains("nobody").doesNotContain("hush");
    }

    @Test
    void aServerThatComesBackIsUsedAgainWithoutARestart() {
        Postgres server = new Postgres();
        String url = server.database();
        server.stop();
        Store store = start(Map.of("url", url, "connectionTimeoutMs", 500L), Map.of("LLMGINE_DB_USER", "llmgine"));
        assertThat(last()).startsWith("Waiting for the database");
        server.start();
        // On a slow machine the pool's first connection may come too late, so that it is tried once more.
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (framework.service(Database.class).isEmpty() && System.nanoTime() < limit) {
            passSeconds(2);
        }
        Database database = database();
        JdbcAccountStore accounts = new JdbcAccountStore(database, timer);
        JdbcSessionStore sessions = new JdbcSessionStore(database);
        Account ann = new Account("ann", Set.of("user"), "");
        accounts.put(ann);
        sessions.put(Samples.session("sess_1"), List.of(), Optional.empty());

        server.stop();
        JdbcSessionStoreTest.assertCode(
                ErrorCode.UNAVAILABLE, () -> sessions.put(Samples.session("sess_2"), List.of(), Optional.empty()));
        JdbcSessionStoreTest.assertCode(ErrorCode.UNAVAILABLE, () -> sessions.session("sess_1"));
        passSeconds(4);
        assertThat(accounts.accounts()).containsExactly(ann);
        assertThat(accounts.keyByHash("unknown")).isEmpty();
        assertThat(new DatabaseCheck(database).execute().getStatus()).isEqualTo(Result.Status.TEMPORARILY_UNAVAILABLE);

        server.start();
        // The pool tries again at times of its own; each round waits for it.
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (database.problem().isPresent() && System.nanoTime() < end) {
            passSeconds(4);
        }
        assertThat(new DatabaseCheck(database).execute().getStatus()).isEqualTo(Result.Status.OK);
        sessions.put(Samples.session("sess_2"), List.of(), Optional.empty());
        assertThat(sessions.count()).isEqualTo(2);
        server.stop();
        accounts.close();
        store.close();
        assertThat(timer.watches()).isZero();
    }
}
