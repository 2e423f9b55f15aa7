package org.llmgine.store.internal;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.llmgine.testkit.FakeSettings;

/** Is an empty database of a test's own, which several hosts may open. */
final class TestDatabase implements AutoCloseable {
    /** What a host can run on. */
    enum Kind {
        H2,
        POSTGRES
    }

    private final Path folder = folder();
    private final StoreSettings settings;
    private final DataSource source;
    private final List<HikariDataSource> pools = new ArrayList<>();

    TestDatabase(Kind kind) {
        this(kind == Kind.H2 ? "" : Postgres.shared().database());
    }

    TestDatabase(String url) {
        settings = settings(Map.of("url", url, "user", url.isEmpty() ? "" : "llmgine"), Map.of(), folder);
        source = settings.source();
    }

    static StoreSettings settings(Map<String, Object> values, Map<String, String> environment, Path data) {
        return StoreSettings.of(FakeSettings.of(StoreConfig.class, values), environment, data);
    }

    private static Path folder() {
        try {
            return Files.createTempDirectory("llmgine-store-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    DataSource source() {
        return source;
    }

    String url() {
        return settings.url();
    }

    /** Migrate it, and open it as a host of that id does. */
    Database open(String host) {
        try (Connection connection = source.getConnection()) {
            Migrations.shipped().run(connection, settings.isFile());
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        HikariConfig hikari = new HikariConfig();
        hikari.setDataSource(source);
        hikari.setMaximumPoolSize(4);
        hikari.setConnectionTimeout(30_000);
        HikariDataSource pool = new HikariDataSource(hikari);
        pools.add(pool);
        return new Database(pool, settings.isFile(), host);
    }

    @Override
    public void close() {
        pools.forEach(HikariDataSource::close);
        if (settings.isFile()) {
            try (Connection connection = source.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("SHUTDOWN");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
        delete(folder);
    }

    private static void delete(Path folder) {
        try (var paths = Files.walk(folder)) {
            paths.sorted(Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
