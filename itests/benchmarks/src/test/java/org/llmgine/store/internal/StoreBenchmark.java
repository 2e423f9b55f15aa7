package org.llmgine.store.internal;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.h2.jdbcx.JdbcDataSource;
import org.llmgine.api.message.Message;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionSettings;
import org.llmgine.core.spi.SessionStore.Entry;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs that a message is on the disk when its commit returns: H2's delay of 0 ms against its own 500. */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 5)
@Fork(1)
@State(Scope.Benchmark)
public class StoreBenchmark {
    private static final int SESSIONS = 1_000;

    @Param({"0", "500"})
    public int writeDelayMs;

    private final AtomicLong number = new AtomicLong();
    private HikariDataSource pool = new HikariDataSource();
    private JdbcSessionStore store = new JdbcSessionStore(new Database(pool, true, "host"));

    @Setup
    public void open() throws Exception {
        Path folder = Files.createTempDirectory("llmgine-bench-");
        JdbcDataSource source = new JdbcDataSource();
        source.setURL("jdbc:h2:async:" + folder.resolve("store") + ";DB_CLOSE_DELAY=-1;WRITE_DELAY=" + writeDelayMs);
        source.setUser("llmgine");
        try (Connection connection = source.getConnection()) {
            Migrations.shipped().run(connection, true);
        }
        HikariConfig hikari = new HikariConfig();
        hikari.setDataSource(source);
        pool = new HikariDataSource(hikari);
        store = new JdbcSessionStore(new Database(pool, true, "host"));
    }

    @TearDown
    public void close() {
        pool.close();
    }

    @Benchmark
    public void oneWriter() {
        put();
    }

    @Benchmark
    @Threads(16)
    public void sixteenWriters() {
        put();
    }

    /** Store what a turn's message stores: the entry, and the session's new end. */
    private void put() {
        long next = number.incrementAndGet();
        Instant now = Instant.now();
        String id = "msg_" + next;
        Session session = new Session(
                "sess_" + next % SESSIONS,
                "ann",
                "A title",
                "tool-chat",
                "default",
                "",
                Optional.empty(),
                SessionSettings.DEFAULT,
                Optional.of(id),
                now,
                now,
                Optional.empty());
        Entry entry = new Entry(id, Optional.empty(), Optional.empty(), now, Message.assistant("word ".repeat(100)));
        store.put(session, List.of(entry), Optional.empty());
    }
}
