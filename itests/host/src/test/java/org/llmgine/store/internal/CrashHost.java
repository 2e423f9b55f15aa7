package org.llmgine.store.internal;

import com.codahale.metrics.MetricRegistry;
import java.nio.file.Path;
import java.util.Map;
import org.llmgine.bus.internal.CrashBus;
import org.llmgine.bus.internal.RoundTimer;
import org.llmgine.testkit.FakeSettings;

/** As much of a host as stores something: the store, and the bus with its timers. */
final class CrashHost implements AutoCloseable {
    final Database database;
    final JdbcSessionStore sessions;
    final JdbcApprovalStore approvals;
    final JdbcDeadLetterStore letters;
    final JdbcTimerStore timers;
    final CrashBus bus;
    private final RoundTimer timer = new RoundTimer();
    private final Store store;

    /**
     * Start it, as a host starts that was killed.
     *
     * @param url the PostgreSQL database; empty for a file
     * @param done is called after each run of a timer
     */
    CrashHost(Path data, String url, Runnable done) {
        FakeContext framework = new FakeContext(data);
        store = new Store(
                framework.context(),
                FakeSettings.of(StoreConfig.class, Map.of("url", url, "user", url.isEmpty() ? "" : "llmgine")),
                timer,
                new MetricRegistry(),
                Map.of());
        store.act();
        database = framework.service(Database.class).orElseThrow();
        database.write(sql -> sql.update("CREATE TABLE IF NOT EXISTS crash_runs (run VARCHAR NOT NULL)")
                + sql.update("CREATE TABLE IF NOT EXISTS crash_effects (run VARCHAR NOT NULL PRIMARY KEY)"));
        sessions = new JdbcSessionStore(database);
        approvals = new JdbcApprovalStore(database);
        letters = new JdbcDeadLetterStore(database);
        timers = new JdbcTimerStore(database);
        bus = new CrashBus(letters, timers, timer, key -> {
            act(key);
            done.run();
        });
    }

    /** Do what a timer is for, once for each key; that it was asked is kept each time. */
    private void act(String key) {
        database.merge(sql -> {
            sql.update("INSERT INTO crash_runs VALUES (?)", key);
            return sql.number("SELECT COUNT(*) FROM crash_effects WHERE run = ?", key) > 0
                    || sql.update("INSERT INTO crash_effects VALUES (?)", key) > 0;
        });
    }

    @Override
    public void close() {
        bus.close();
        store.close();
        timer.close();
    }
}
