package org.llmgine.store.internal;

import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import org.llmgine.api.LlmgineException;
import org.llmgine.bus.HostTimer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the other hosts of the database that this one lives, and ends the turns and the claims of timers of those that don't: at the start those of an
 * earlier run on the same data folder, later those of hosts that have not been heard of for {@link #DEAD_AFTER}.
 *
 * <p>The time is the database's, so that the hosts' clocks may differ.
 */
final class Hosts implements HostTimer.Watch {
    private static final Logger LOG = LoggerFactory.getLogger(Hosts.class);
    private static final Duration HEARTBEAT = Duration.ofSeconds(3);
    static final Duration DEAD_AFTER = Duration.ofSeconds(15);
    private static final String SILENT =
            "heartbeat < CURRENT_TIMESTAMP - INTERVAL '" + DEAD_AFTER.toSeconds() + "' SECOND";

    private final Database database;
    private final String node;
    private final InstantSource clock;
    private volatile long beaten;

    /** Since when every heartbeat has come through; others may have had no more luck than this host before. */
    private volatile long steadySince;

    /**
     * Stand for one host.
     *
     * @param node the id of the data folder
     */
    Hosts(Database database, String node, InstantSource clock) {
        this.database = database;
        this.node = node;
        this.clock = clock;
    }

    /** Begin to live, and end what earlier runs left behind. */
    void start(long nanoTime) {
        database.write(sql -> {
            // A file is used by one host at a time.
            int former = database.isFile()
                    ? sql.update("DELETE FROM hosts")
                    : sql.update("DELETE FROM hosts WHERE node = ?", node);
            beat(sql);
            return former;
        });
        sweep();
        beaten = nanoTime;
        steadySince = nanoTime;
    }

    @Override
    public boolean isDue(long nanoTime) {
        return nanoTime - beaten >= HEARTBEAT.toNanos();
    }

    @Override
    public void act() {
        round(System.nanoTime());
    }

    void round(long nanoTime) {
        boolean late = nanoTime - beaten > DEAD_AFTER.toNanos() / 2;
        beaten = nanoTime;
        try {
            database.write(Hosts.this::beat);
            if (late) {
                steadySince = nanoTime;
            }
            if (nanoTime - steadySince > DEAD_AFTER.toNanos()) {
                bury();
            }
        } catch (LlmgineException e) {
            // The database told the log.
            steadySince = nanoTime;
        }
    }

    private int beat(Sql sql) throws SQLException {
        int there = sql.update("UPDATE hosts SET heartbeat = CURRENT_TIMESTAMP WHERE id = ?", database.host());
        return there > 0
                ? there
                : sql.update(
                        "INSERT INTO hosts (id, node, heartbeat) VALUES (?, ?, CURRENT_TIMESTAMP)",
                        database.host(),
                        node);
    }

    private void bury() {
        if (database.write(sql -> sql.update("DELETE FROM hosts WHERE " + SILENT)) > 0) {
            LOG.warn("Another host of the database has not been heard of for {} s.", DEAD_AFTER.toSeconds());
        }
        sweep();
    }

    private void sweep() {
        int ended = database.write(sql -> JdbcSessionStore.interruptAbandoned(sql, clock.instant()));
        if (ended > 0) {
            LOG.info("{} turns of a host that is gone were ended as interrupted.", ended);
        }
        int released = database.write(JdbcTimerStore::releaseAbandoned);
        if (released > 0) {
            LOG.info("{} timers that a host ran which is gone can be run again.", released);
        }
    }

    /** Live no longer. */
    void close() {
        try {
            database.write(sql -> sql.update("DELETE FROM hosts WHERE id = ?", database.host()));
        } catch (LlmgineException e) {
            // The others notice the silence.
        }
    }
}
