package org.llmgine.core.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.core.command.Authenticate;
import org.llmgine.core.command.Authenticated;
import org.llmgine.core.command.CreateKey;
import org.llmgine.core.command.FirstStart;
import org.llmgine.core.command.IssuedKey;
import org.llmgine.core.command.KeyEntry;
import org.llmgine.core.command.ListKeys;
import org.llmgine.core.command.Login;
import org.llmgine.core.command.RevokeKey;
import org.llmgine.core.command.VerifyPassword;
import org.llmgine.core.spi.AccountStore;
import org.llmgine.core.spi.AccountStore.Account;
import org.llmgine.core.spi.AccountStore.Key;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Knows who is who: keys, passwords, and the admin that the first start makes. */
final class Accounts {
    private static final Logger LOG = LoggerFactory.getLogger(Accounts.class);
    static final String ADMIN = "admin";
    private static final String CLI_KEY_FILE = "cli.key";
    private static final Duration LOGIN_LIFETIME = Duration.ofHours(12);
    private static final int LOGINS_AT_A_TIME = 2;
    private static final Duration LOGIN_WAIT = Duration.ofSeconds(2);

    private final AccountStore store;
    private final AdminSecrets set;
    private final String setKeyHash;
    private final InstantSource clock;
    private final Duration loginWait;
    private final Secrets secrets = new Secrets();
    private final Passwords passwords = new Passwords(secrets);
    private final LoginThrottle throttle;
    private final Semaphore hashing = new Semaphore(LOGINS_AT_A_TIME, true);
    private final ConcurrentHashMap<String, Key> hostKeys = new ConcurrentHashMap<>();
    private final AtomicReference<Optional<FirstStart.Credentials>> firstStart =
            new AtomicReference<>(Optional.empty());

    Accounts(AccountStore store, AdminSecrets set, InstantSource clock) {
        this(store, set, clock, LOGIN_WAIT);
    }

    Accounts(AccountStore store, AdminSecrets set, InstantSource clock, Duration loginWait) {
        this.store = store;
        this.set = set;
        this.setKeyHash = set.key().isEmpty() ? "" : Secrets.sha256(set.key());
        this.clock = clock;
        this.loginWait = loginWait;
        this.throttle = new LoginThrottle(clock);
    }

    /** Make the admin, unless there are accounts. */
    void start(DataFolder folder) {
        if (!store.accounts().isEmpty()) {
            purge();
            if (!Files.exists(folder.file(CLI_KEY_FILE))) {
                makeCliKey(folder);
            }
            return;
        }
        String password = set.password().isEmpty() ? secrets.password() : set.password();
        putCliKey(folder);
        Optional<String> key = Optional.empty();
        if (set.key().isEmpty()) {
            String made = secrets.key();
            store.put(key(made, ADMIN, "first start", Optional.empty()));
            key = Optional.of(made);
        }
        // Stored last: a start that was cut off before is done again.
        store.put(new Account(ADMIN, Set.of(Principal.ADMIN), passwords.hash(password)));
        firstStart.set(Optional.of(new FirstStart.Credentials(
                ADMIN, key, set.password().isEmpty() ? Optional.of(password) : Optional.empty())));
    }

    /** Let the command line in again after a restore, whose keys are the backup's. */
    void restored(DataFolder folder) {
        try {
            String key = Files.readString(folder.file(CLI_KEY_FILE)).strip();
            if (store.keyByHash(Secrets.sha256(key)).isPresent()) {
                return;
            }
        } catch (IOException e) {
            LOG.debug("There is no key of the command line to look at.", e);
        }
        makeCliKey(folder);
    }

    /** Make a key for the command line on this data folder, if there is an admin whose it can be. */
    private void makeCliKey(DataFolder folder) {
        if (account(ADMIN).isPresent()) {
            putCliKey(folder);
        }
    }

    private void putCliKey(DataFolder folder) {
        String cliKey = secrets.key();
        try {
            folder.write(CLI_KEY_FILE, cliKey + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("The key of the command line can't be written to " + folder.path() + ".", e);
        }
        store.put(key(cliKey, ADMIN, "cli", Optional.empty()));
    }

    Optional<FirstStart.Credentials> firstStart(FirstStart command) {
        return firstStart.getAndSet(Optional.empty());
    }

    Authenticated authenticate(Authenticate command) {
        String hash = Secrets.sha256(command.key());
        if (Secrets.same(hash, setKeyHash)) {
            return new Authenticated(new Principal(ADMIN, Set.of(Principal.ADMIN)), "key_settings");
        }
        Key hostKey = hostKeys.get(hash);
        if (hostKey != null && isValid(hostKey)) {
            return new Authenticated(hostPrincipal(), hostKey.id());
        }
        return store.keyByHash(hash)
                .filter(this::isValid)
                .flatMap(key -> account(key.account()).map(account -> new Authenticated(principal(account), key.id())))
                .orElseThrow(() -> new LlmgineException(ErrorCode.UNAUTHENTICATED, "The key is not valid.")
                        .withHint("Send a valid API key as 'Authorization: Bearer …'."));
    }

    IssuedKey login(Login command) {
        return issue(verified(command.name(), command.password()), "login", Optional.of(LOGIN_LIFETIME));
    }

    Principal verify(VerifyPassword command) {
        return principal(verified(command.name(), command.password()));
    }

    private Account verified(String name, String password) {
        awaitHashing();
        try {
            throttle.tried(name);
            Optional<Account> account = account(name);
            if (!passwordFits(name, password, account)) {
                throw new LlmgineException(ErrorCode.UNAUTHENTICATED, "The name or the password is wrong.");
            }
            throttle.succeeded(name);
            return account.orElseThrow();
        } finally {
            hashing.release();
        }
    }

    private void awaitHashing() {
        try {
            if (!hashing.tryAcquire(loginWait.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new LlmgineException(ErrorCode.OVERLOADED, "Too many logins at once; try again soon.")
                        .withRetryAfter(loginWait);
            }
        } catch (InterruptedException e) {
            throw new LlmgineException(ErrorCode.CANCELLED, "The login was interrupted.", e);
        }
    }

    private boolean passwordFits(String name, String password, Optional<Account> account) {
        String stored = account.map(Account::passwordHash).orElse("");
        // For a name that isn't known, too, so that the time tells nothing.
        boolean fits = Passwords.fits(password, stored);
        return name.equals(ADMIN) && !set.password().isEmpty()
                ? account.isPresent() && Secrets.same(password, set.password())
                : fits;
    }

    IssuedKey createKey(CreateKey command) {
        if (command.account().equals(Principal.SYSTEM.name())
                && command.principal().equals(Principal.SYSTEM)) {
            String secret = secrets.key();
            Key key = key(secret, command.account(), command.label(), command.lifetime());
            hostKeys.values().removeIf(other -> !isValid(other));
            hostKeys.put(key.sha256(), key);
            return new IssuedKey(
                    secret, key.id(), hostPrincipal(), key.expires().orElse(Instant.MAX));
        }
        Account account = account(command.account())
                .orElseThrow(() -> new LlmgineException(
                                ErrorCode.NOT_FOUND, "There is no account '" + command.account() + "'.")
                        .withField("account"));
        return issue(account, command.label(), command.lifetime());
    }

    List<KeyEntry> listKeys(ListKeys command) {
        return store.keys().stream()
                .filter(this::isValid)
                .sorted(Comparator.comparing(Key::created).reversed())
                .map(Accounts::entry)
                .toList();
    }

    KeyEntry revokeKey(RevokeKey command) {
        Key key = store.keys().stream()
                .filter(candidate -> candidate.id().equals(command.keyId()))
                .findFirst()
                .orElseThrow(
                        () -> new LlmgineException(ErrorCode.NOT_FOUND, "There is no key '" + command.keyId() + "'."));
        store.removeKey(key.id());
        return entry(key);
    }

    private static KeyEntry entry(Key key) {
        return new KeyEntry(key.id(), key.account(), key.label(), key.created(), key.expires());
    }

    private IssuedKey issue(Account account, String label, Optional<Duration> lifetime) {
        purge();
        String secret = secrets.key();
        Key key = key(secret, account.name(), label, lifetime);
        store.put(key);
        return new IssuedKey(secret, key.id(), principal(account), key.expires().orElse(Instant.MAX));
    }

    private Key key(String secret, String account, String label, Optional<Duration> lifetime) {
        Instant now = clock.instant();
        return new Key(secrets.id(), Secrets.sha256(secret), account, label, now, lifetime.map(now::plus));
    }

    private void purge() {
        store.keys().stream().filter(key -> !isValid(key)).map(Key::id).forEach(store::removeKey);
    }

    private boolean isValid(Key key) {
        return key.expires().map(clock.instant()::isBefore).orElse(true);
    }

    private Optional<Account> account(String name) {
        return store.accounts().stream()
                .filter(account -> account.name().equals(name))
                .findFirst();
    }

    private static Principal principal(Account account) {
        return new Principal(account.name(), account.roles());
    }

    private static Principal hostPrincipal() {
        return new Principal(Principal.SYSTEM.name(), Set.of(Principal.USER));
    }
}
