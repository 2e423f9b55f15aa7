package org.llmgine.store.internal;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs work on the database; whatever fails there comes out as {@link LlmgineException}. What every {@code Jdbc…} store uses.
 *
 * <p>Statements are written so that H2 and PostgreSQL both take them; {@link #isFile()} tells where there is no such way.
 */
final class Database {
    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(2);
    private static final Duration LOCK_WAIT = Duration.ofSeconds(5);
    private static final int LONG_WORK_MS = (int) Duration.ofMinutes(10).toMillis();

    private static final int MERGES = 50;

    private static final String RESTORING = "A backup is being restored.";
    private static final String WRITING = "The host's database is being written to for longer than usual.";

    /** A unique key or another constraint forbids it. */
    private static final String CONSTRAINT = "23";

    private final HikariDataSource pool;
    private final boolean file;
    private final String host;
    private final ReentrantReadWriteLock exclusive = new ReentrantReadWriteLock();

    /** A killed H2 may leave a half of what one transaction changed while another was committed: so there is one at a time. */
    private final ReentrantLock fileWriter = new ReentrantLock(true);

    private volatile Optional<String> problem = Optional.empty();

    /** Works on a connection. */
    interface Work<R> {
        R apply(Sql sql) throws SQLException;
    }

    /**
     * Use a pool.
     *
     * @param file whether this host alone uses the database, a file of its own
     * @param host the id of this run of the host
     */
    Database(HikariDataSource pool, boolean file, String host) {
        this.pool = pool;
        this.file = file;
        this.host = host;
    }

    boolean isFile() {
        return file;
    }

    /** Return the id of this run of the host, of which its row in {@code hosts} tells that it lives. */
    String host() {
        return host;
    }

    /** Tell what was wrong when the database was last used, if anything was. */
    Optional<String> problem() {
        return problem;
    }

    /** Read by one statement, or by several that need not see the same moment. */
    <R> R read(Work<R> work) {
        try (Connection connection = pool.getConnection()) {
            return succeeded(work.apply(new Sql(connection)));
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Change something: all of it is durable on return, or nothing is done. */
    <R> R write(Work<R> work) {
        Lock lock = locked(exclusive.readLock(), RESTORING);
        try {
            return file ? alone(fileWriter, WRITING, work) : transaction(work);
        } finally {
            lock.unlock();
        }
    }

    private <R> R alone(Lock writer, String otherwise, Work<R> work) {
        Lock lock = locked(writer, otherwise);
        try {
            return transaction(work);
        } finally {
            lock.unlock();
        }
    }

    private <R> R transaction(Work<R> work) {
        try (Connection connection = pool.getConnection()) {
            return succeeded(transaction(connection, work));
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Change something that others may add at the same moment: when a unique key was theirs, it is done again. */
    <R> R merge(Work<R> work) {
        for (int left = MERGES; ; left--) {
            try {
                return write(work);
            } catch (LlmgineException e) {
                if (left == 0 || !e.code().equals(ErrorCode.BUSY)) {
                    throw e;
                }
            }
        }
    }

    /** Read what may be much, all as it is at one moment. */
    <R> R snapshot(Work<R> work) {
        try (Connection connection = pool.getConnection()) {
            connection.setNetworkTimeout(Runnable::run, LONG_WORK_MS);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            return succeeded(transaction(connection, work));
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Change what may be much, while this host writes nothing else. */
    <R> R alone(Work<R> work) {
        Lock lock = locked(exclusive.writeLock(), RESTORING);
        try (Connection connection = pool.getConnection()) {
            connection.setNetworkTimeout(Runnable::run, LONG_WORK_MS);
            return succeeded(transaction(connection, work));
        } catch (SQLException e) {
            throw failed(e);
        } finally {
            lock.unlock();
        }
    }

    private static <R> R transaction(Connection connection, Work<R> work) throws SQLException {
        connection.setAutoCommit(false);
        try {
            R result = work.apply(new Sql(connection));
            connection.commit();
            return result;
        } catch (Throwable t) {
            try {
                connection.rollback();
            } catch (SQLException e) {
                t.addSuppressed(e);
            }
            throw t;
        }
    }

    private static Lock locked(Lock lock, String otherwise) {
        try {
            if (lock.tryLock(LOCK_WAIT.toNanos(), TimeUnit.NANOSECONDS)) {
                return lock;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new LlmgineException(ErrorCode.UNAVAILABLE, otherwise).withRetryAfter(RETRY_AFTER);
    }

    static boolean isConstraint(SQLException e) {
        return e.getSQLState() != null && e.getSQLState().startsWith(CONSTRAINT);
    }

    private <R> R succeeded(R result) {
        if (problem.isPresent()) {
            problem = Optional.empty();
            LOG.info("The database can be used again.");
        }
        return result;
    }

    private LlmgineException failed(SQLException e) {
        if (isConstraint(e)) {
            return new LlmgineException(ErrorCode.BUSY, "Somebody else changed it at the same moment.", e)
                    .withRetryAfter(RETRY_AFTER);
        }
        if (problem.isEmpty()) {
            LOG.error("The database can't be used: {}", sentence(e));
            LOG.debug("How the database failed.", e);
        }
        problem = Optional.of("the database can't be used: " + sentence(e));
        if (file) {
            // H2 gives a database up whose file it can't write, and opens it anew when nobody holds the former one.
            pool.getHikariPoolMXBean().softEvictConnections();
        }
        return new LlmgineException(ErrorCode.UNAVAILABLE, "The host's database can't be used at present.", e)
                .withHint("Try again soon; the host's log tells why.")
                .withRetryAfter(RETRY_AFTER);
    }

    /** Say what a driver says, in one line; it knows no password. */
    static String sentence(SQLException e) {
        SQLException last = e;
        while (last.getCause() instanceof SQLException cause) {
            last = cause;
        }
        return String.valueOf(last.getMessage()).lines().findFirst().orElse("").replaceFirst(" \\[\\d+-\\d+]$", "");
    }
}
