package org.llmgine.store.internal;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.llmgine.api.LlmgineException;
import org.llmgine.bus.HostTimer;
import org.llmgine.core.spi.AccountStore;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Keeps accounts and keys in the database, and all of them in memory: who is known stays so while the database is away.
 *
 * <p>What another host changes is seen within {@link #MAX_AGE}; a new key of it at once, if it isn't asked for too often.
 */
@Component(service = {AccountStore.class, JdbcAccountStore.class})
public final class JdbcAccountStore implements AccountStore, HostTimer.Watch {
    private static final Duration MAX_AGE = Duration.ofSeconds(2);
    private static final Duration MIN_AGE = Duration.ofMillis(500);

    private final Database database;
    private final HostTimer.Registration refresh;
    private final ReentrantLock changing = new ReentrantLock();
    private volatile Content content;

    private record Content(List<Account> accounts, Map<String, Key> keysByHash, long nanoTime) {}

    /** Load what is stored. */
    @Activate
    public JdbcAccountStore(@Reference Database database, @Reference HostTimer timer) {
        this.database = database;
        content = load();
        refresh = database.isFile() ? () -> {} : timer.watch(this);
    }

    @Deactivate
    void close() {
        refresh.close();
    }

    @Override
    public boolean isDue(long nanoTime) {
        return nanoTime - content.nanoTime() > MAX_AGE.toNanos();
    }

    @Override
    public void act() {
        try {
            reload();
        } catch (LlmgineException e) {
            // The database told the log, and is asked again in the next round; what is known still holds.
        }
    }

    /** Read anew what is stored. */
    void reload() {
        changing.lock();
        try {
            content = load();
        } finally {
            changing.unlock();
        }
    }

    @Override
    public List<Account> accounts() {
        return content.accounts();
    }

    @Override
    public List<Key> keys() {
        return List.copyOf(content.keysByHash().values());
    }

    @Override
    public Optional<Key> keyByHash(String sha256) {
        Optional<Key> known = Optional.ofNullable(content.keysByHash().get(sha256));
        if (known.isPresent() || database.isFile() || database.problem().isPresent() || !isOld()) {
            return known;
        }
        // One at a time, and not each time, so that wrong keys don't keep the database busy.
        if (changing.tryLock()) {
            try {
                if (isOld()) {
                    content = load();
                }
            } catch (LlmgineException e) {
                return Optional.empty();
            } finally {
                changing.unlock();
            }
        }
        return Optional.ofNullable(content.keysByHash().get(sha256));
    }

    private boolean isOld() {
        return System.nanoTime() - content.nanoTime() > MIN_AGE.toNanos();
    }

    @Override
    public void put(Account account) {
        change(sql -> put(sql, account));
    }

    @Override
    public void put(Key key) {
        change(sql -> put(sql, key));
    }

    @Override
    public void removeKey(String keyId) {
        change(sql -> sql.update("DELETE FROM api_keys WHERE id = ?", keyId));
    }

    private void change(Database.Work<Integer> work) {
        changing.lock();
        try {
            database.write(work);
            content = load();
        } finally {
            changing.unlock();
        }
    }

    static int put(Sql sql, Account account) throws SQLException {
        sql.update("DELETE FROM accounts WHERE name = ?", account.name());
        return sql.update(
                "INSERT INTO accounts (name, roles, password_hash) VALUES (?, ?, ?)",
                account.name(),
                account.roles().stream().sorted().collect(Collectors.joining(" ")),
                account.passwordHash());
    }

    static int put(Sql sql, Key key) throws SQLException {
        sql.update("DELETE FROM api_keys WHERE id = ? OR sha256 = ?", key.id(), key.sha256());
        return sql.update(
                "INSERT INTO api_keys (id, sha256, account, label, created, expires) VALUES (?, ?, ?, ?, ?, ?)",
                key.id(),
                key.sha256(),
                key.account(),
                key.label(),
                key.created().toString(),
                key.expires().map(Instant::toString).orElse(null));
    }

    private Content load() {
        long now = System.nanoTime();
        return database.read(sql -> {
            List<Account> accounts = sql.list(
                    "SELECT name, roles, password_hash FROM accounts ORDER BY name",
                    row -> new Account(row.getString(1), roles(row.getString(2)), row.getString(3)));
            Map<String, Key> keys = new LinkedHashMap<>();
            sql.each(
                    "SELECT id, sha256, account, label, created, expires FROM api_keys ORDER BY created, id",
                    row -> keys.put(row.getString(2), key(row)));
            return new Content(List.copyOf(accounts), keys, now);
        });
    }

    private static Set<String> roles(String roles) {
        return Arrays.stream(roles.split(" ")).filter(role -> !role.isEmpty()).collect(Collectors.toSet());
    }

    private static Key key(ResultSet row) throws SQLException {
        return new Key(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                Instant.parse(row.getString(5)),
                Optional.ofNullable(row.getString(6)).map(Instant::parse));
    }
}
