package org.llmgine.store.internal;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import javax.sql.DataSource;
import org.h2.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.bus.HostTimer;
import org.osgi.annotation.bundle.Capability;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the database when it can be reached, and offers it as {@link Database} to the stores of this bundle and as
 * {@link DataSource} to others. A database that can't be used stops the host with one sentence.
 */
@Component(service = Store.class, immediate = true, configurationPid = Store.PID)
@Designate(ocd = StoreConfig.class)
@Capability(namespace = "osgi.service", attribute = "objectClass:List<String>=\"org.llmgine.store.internal.Database\"")
@Capability(namespace = "osgi.service", attribute = "objectClass:List<String>=\"javax.sql.DataSource\"")
public final class Store implements HostTimer.Watch {
    static final String PID = "org.llmgine.store";

    private static final Logger LOG = LoggerFactory.getLogger(Store.class);
    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);
    private static final String NODE_FILE = "host.id";

    /** No connection, too many of them, and starting or stopping. */
    private static final List<String> AWAY = List.of("08", "53300", "57P");

    private final BundleContext context;
    private final HostTimer timer;
    private final MetricRegistry metrics;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Runnable> closers = new ArrayDeque<>();
    private final HostTimer.Registration opening;
    private final Path data;
    private final StoreConfig config;
    private final Map<String, String> environment;
    private final long begun = System.nanoTime();
    private volatile long nextTry = begun;
    private long nextLine = begun;
    private volatile boolean done;

    /** Begin to open the database. */
    @Activate
    public Store(
            BundleContext context, StoreConfig config, @Reference HostTimer timer, @Reference MetricRegistry metrics) {
        this(context, config, timer, metrics, System.getenv());
    }

    Store(
            BundleContext context,
            StoreConfig config,
            HostTimer timer,
            MetricRegistry metrics,
            Map<String, String> environment) {
        this.context = context;
        this.config = config;
        this.environment = environment;
        this.timer = timer;
        this.metrics = metrics;
        String folder = context.getProperty("llmgine.data");
        data = Path.of(folder == null ? context.getProperty("karaf.data") : folder)
                .toAbsolutePath();
        opening = timer.watch(this);
    }

    @Modified
    void modified() {
        LOG.info("{}: a changed setting takes effect at the next start of the host.", PID);
    }

    /** Let go of everything: first who uses the database, then the database. */
    @Deactivate
    void close() {
        done = true;
        opening.close();
        lock.lock();
        try {
            closeAll();
        } finally {
            lock.unlock();
        }
    }

    private void closeAll() {
        while (!closers.isEmpty()) {
            closers.pop().run();
        }
    }

    @Override
    public boolean isDue(long nanoTime) {
        return !done && nanoTime - nextTry >= 0;
    }

    @Override
    public void act() {
        lock.lock();
        try {
            if (!done) {
                tryToOpen(StoreSettings.of(config, environment, data));
            }
        } catch (IllegalStateException e) {
            stopHost(String.valueOf(e.getMessage()));
        } finally {
            lock.unlock();
        }
    }

    private void tryToOpen(StoreSettings settings) {
        try {
            open(settings);
            done = true;
            opening.close();
            LOG.info("The store is {}.", settings.name());
        } catch (SQLException e) {
            await(settings, e);
        } catch (LlmgineException e) {
            closeAll();
            if (!(e.getCause() instanceof SQLException cause)) {
                throw new IllegalStateException(e.getMessage(), e);
            }
            await(settings, cause);
        }
    }

    private void open(StoreSettings settings) throws SQLException {
        DataSource source = settings.source();
        prepare(settings, source);
        HikariDataSource pool = pool(settings, source);
        closers.push(() -> close(settings, source, pool));
        Database database = new Database(pool, settings.isFile(), "host_" + UUID.randomUUID());
        new AccountsFile(data.resolve(AccountsFile.NAME)).takeOver(database);
        Hosts hosts = new Hosts(database, node(), InstantSource.system());
        hosts.start(System.nanoTime());
        closers.push(hosts::close);
        HostTimer.Registration heartbeat = timer.watch(hosts);
        closers.push(heartbeat::close);
        offer(DataSource.class, pool);
        offer(Database.class, database);
    }

    private HikariDataSource pool(StoreSettings settings, DataSource source) {
        HikariConfig hikari = new HikariConfig();
        hikari.setPoolName("llmgine");
        hikari.setDataSource(source);
        hikari.setMaximumPoolSize(settings.maxConnections());
        hikari.setMinimumIdle(1);
        hikari.setConnectionTimeout(settings.connectionTimeout().toMillis());
        hikari.setInitializationFailTimeout(-1);
        HikariDataSource pool = new HikariDataSource(hikari);
        HikariPoolMXBean state = pool.getHikariPoolMXBean();
        gauge("llmgine_store_connections_active", state::getActiveConnections);
        gauge("llmgine_store_connections_idle", state::getIdleConnections);
        gauge("llmgine_store_connections_max", pool::getMaximumPoolSize);
        gauge("llmgine_store_connections_pending", state::getThreadsAwaitingConnection);
        return pool;
    }

    private void gauge(String name, IntSupplier figure) {
        Gauge<Integer> gauge = figure::getAsInt;
        metrics.gauge(name, () -> gauge);
        closers.push(() -> metrics.remove(name));
    }

    private static void close(StoreSettings settings, DataSource source, HikariDataSource pool) {
        pool.close();
        if (settings.isFile()) {
            // Written whole, so that the next start has nothing to mend.
            try (Connection connection = source.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("SHUTDOWN");
            } catch (SQLException e) {
                LOG.warn("The database could not be closed: {}", Database.sentence(e));
            }
        }
    }

    /** Return the id of the data folder, which the first start makes. */
    private String node() {
        Path file = data.resolve(NODE_FILE);
        try {
            if (!Files.exists(file)) {
                Files.writeString(file, "node_" + UUID.randomUUID() + "\n");
            }
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new IllegalStateException("The id of this host can't be kept in " + file + ".", e);
        }
    }

    private <S> void offer(Class<S> type, S service) {
        ServiceRegistration<S> registration = context.registerService(type, service, null);
        closers.push(registration::unregister);
    }

    /** Migrate on a connection of its own: the schema may be locked for long. */
    private static void prepare(StoreSettings settings, DataSource source) throws SQLException {
        try (Connection connection = source.getConnection()) {
            Migrations.shipped().run(connection, settings.isFile());
        }
    }

    /** Try again later, unless it is of no use or too late. */
    private void await(StoreSettings settings, SQLException failure) {
        String reason = Database.sentence(failure);
        if (settings.isFile()) {
            throw new IllegalStateException(fileProblem(settings, failure, reason), failure);
        }
        if (!isAway(failure)) {
            throw new IllegalStateException("Can't use " + settings.name() + ": " + reason, failure);
        }
        long now = System.nanoTime();
        if (now - begun >= settings.startTimeout().toNanos()) {
            throw new IllegalStateException("Can't reach " + settings.name() + " within "
                    + settings.startTimeout().toSeconds() + " s: " + reason + " Start the database, or set "
                    + StoreSettings.URL + " to one that runs.");
        }
        if (now - nextLine >= 0) {
            LOG.warn("Waiting for {}: {}", settings.name(), reason);
            nextLine = now + BETWEEN_LINES.toNanos();
        }
        nextTry = now + BETWEEN_TRIES.toNanos();
    }

    private static boolean isAway(SQLException failure) {
        String state = failure.getSQLState();
        // Without one the pool tells that no connection came about in time.
        return state == null
                ? failure instanceof SQLTransientConnectionException
                : AWAY.stream().anyMatch(state::startsWith);
    }

    private static String fileProblem(StoreSettings settings, SQLException failure, String reason) {
        return switch (failure.getErrorCode()) {
            case ErrorCode.DATABASE_ALREADY_OPEN_1 ->
                "Another process uses " + settings.name() + ": stop it, or set LLMGINE_DATA to another folder.";
            case ErrorCode.FILE_CORRUPTED_1, ErrorCode.FILE_VERSION_ERROR_1 ->
                "Can't read " + settings.name()
                        + ", which is damaged or no database: move it away and restore a backup.";
            default -> "Can't open " + settings.name() + ": " + reason;
        };
    }

    private void stopHost(String reason) {
        done = true;
        opening.close();
        LOG.error("The host stops. {}", reason);
        try {
            context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).stop();
        } catch (BundleException e) {
            LOG.error("The host can't be stopped.", e);
        }
    }
}
