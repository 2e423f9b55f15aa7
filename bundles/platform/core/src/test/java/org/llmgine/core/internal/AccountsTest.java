package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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

class AccountsTest {
    private static final Principal ADMIN = new Principal("admin", Set.of(Principal.ADMIN));

    private final AccountStore store = new InMemoryAccountStore();

    @TempDir
    private Path folder;

    private final Map<String, String> environment = new HashMap<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void theFirstStartMakesAnAdminWithAKeyAPasswordAndAKeyForTheCommandLine() throws Exception {
        Accounts accounts = start();

        FirstStart.Credentials made = made(accounts);
        assertThat(made.account()).isEqualTo("admin");
        assertThat(made.key().orElseThrow()).matches("llmg_[A-Za-z0-9_-]{32}");
        assertThat(made.password().orElseThrow()).hasSize(20);
        assertThat(made).hasToString("Credentials[account=admin]");
        assertThat(authenticate(accounts, made.key().orElseThrow()).principal()).isEqualTo(ADMIN);
        String cli = Files.readString(folder.resolve("cli.key")).strip();
        assertThat(authenticate(accounts, cli).principal()).isEqualTo(ADMIN);
        assertThat(accounts.listKeys(new ListKeys(ADMIN)))
                .extracting(KeyEntry::label)
                .containsExactlyInAnyOrder("cli", "first start");
        String stored = store.accounts() + " " + store.keys();
        assertThat(stored)
                .doesNotContain(made.key().orElseThrow(), made.password().orElseThrow(), cli);
        assertThat(accounts.firstStart(new FirstStart(Principal.SYSTEM))).isEmpty();
    }

    @Test
    void theSecondStartMakesNothingAndKnowsTheFirst() {
        FirstStart.Credentials made = made(start());
        Accounts accounts = start();

        assertThat(accounts.firstStart(new FirstStart(Principal.SYSTEM))).isEmpty();
        assertThat(authenticate(accounts, made.key().orElseThrow()).principal()).isEqualTo(ADMIN);
        assertThat(accounts.verify(new VerifyPassword("admin", made.password().orElseThrow())))
                .isEqualTo(ADMIN);
    }

    @Test
    void aDataFolderThatJoinsAccountsGetsAKeyForTheCommandLine() throws IOException {
        start();
        Path file = folder.resolve("cli.key");
        String former = Files.readString(file).strip();
        Files.delete(file);

        Accounts joined = start();

        String key = Files.readString(file).strip();
        assertThat(key).isNotEqualTo(former);
        assertThat(authenticate(joined, key).principal()).isEqualTo(ADMIN);
        assertThat(joined.firstStart(new FirstStart(Principal.SYSTEM))).isEmpty();
    }

    @Test
    void aRestoreLetsTheCommandLineIn() throws IOException {
        Accounts accounts = start();
        Path file = folder.resolve("cli.key");
        String former = Files.readString(file).strip();

        accounts.restored(new DataFolder(folder));
        assertThat(file).hasContent(former);

        store.keys().forEach(key -> store.removeKey(key.id()));
        accounts.restored(new DataFolder(folder));
        assertThat(authenticate(accounts, Files.readString(file).strip()).principal())
                .isEqualTo(ADMIN);
        assertUnauthenticated(accounts, former);

        Files.delete(file);
        accounts.restored(new DataFolder(folder));
        assertThat(authenticate(accounts, Files.readString(file).strip()).principal())
                .isEqualTo(ADMIN);
    }

    @Test
    void whatTheOperatorSetIsUsedAndNotShown() {
        environment.put("LLMGINE_ADMIN_KEY", "sixteen-characters");
        environment.put("LLMGINE_ADMIN_PASSWORD", "correct horse");
        Accounts accounts = start();

        assertThat(made(accounts)).isEqualTo(new FirstStart.Credentials("admin", Optional.empty(), Optional.empty()));
        assertThat(authenticate(accounts, "sixteen-characters")).isEqualTo(new Authenticated(ADMIN, "key_settings"));
        assertThat(accounts.login(new Login("admin", "correct horse")).principal())
                .isEqualTo(ADMIN);

        environment.put("LLMGINE_ADMIN_KEY", "another-key-of-16");
        environment.put("LLMGINE_ADMIN_PASSWORD", "battery staple");
        Accounts second = start();
        assertUnauthenticated(second, "sixteen-characters");
        assertThat(authenticate(second, "another-key-of-16").principal()).isEqualTo(ADMIN);
        assertThat(second.verify(new VerifyPassword("admin", "battery staple"))).isEqualTo(ADMIN);
        assertThatThrownBy(() -> second.verify(new VerifyPassword("admin", "correct horse")))
                .isInstanceOf(LlmgineException.class);

        environment.clear();
        Accounts third = start();
        assertUnauthenticated(third, "another-key-of-16");
        assertUnauthenticated(third, "");
        assertThat(third.verify(new VerifyPassword("admin", "correct horse"))).isEqualTo(ADMIN);
    }

    @Test
    void anAdminKeyThatIsTooShortIsRefused() {
        environment.put("LLMGINE_ADMIN_KEY", "fifteen-letters");

        assertThatThrownBy(this::start).hasMessage("LLMGINE_ADMIN_KEY needs 16 characters or more.");
    }

    @Test
    void whatTheOperatorSetIsKeptOutOfLogs() {
        assertThat(new AdminSecrets("sixteen-characters", "correct horse"))
                .hasToString("AdminSecrets[key=…, password=…]");
    }

    @Test
    void aLoginGivesAKeyForTwelveHours() {
        Accounts accounts = start();
        FirstStart.Credentials made = made(accounts);
        IssuedKey key = accounts.login(new Login("admin", made.password().orElseThrow()));

        assertThat(key.expires()).isEqualTo(now.plus(Duration.ofHours(12)));
        assertThat(authenticate(accounts, key.key()).keyId()).isEqualTo(key.keyId());
        now = now.plus(Duration.ofHours(12));
        assertUnauthenticated(accounts, key.key());
        assertThat(accounts.listKeys(new ListKeys(ADMIN))).hasSize(2);
        start();
        assertThat(store.keys()).hasSize(2);
    }

    @Test
    void aWrongPasswordOrNameIsRefusedInTheSameWords() {
        Accounts accounts = start();
        for (Login login : List.of(new Login("admin", "wrong"), new Login("nobody", "wrong"), new Login("admin", ""))) {
            assertThatThrownBy(() -> accounts.login(login))
                    .isInstanceOfSatisfying(
                            LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHENTICATED))
                    .hasMessage("The name or the password is wrong.");
        }
    }

    @Test
    void guessingBecomesSlowAndASuccessEndsThat() {
        LoginThrottle throttle = new LoginThrottle(() -> now);
        for (int i = 0; i < 5; i++) {
            throttle.tried("admin");
        }
        assertThatThrownBy(() -> throttle.tried("admin")).isInstanceOfSatisfying(LlmgineException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.RATE_LIMITED);
            assertThat(e.retryAfter()).contains(Duration.ofSeconds(1));
        });
        throttle.tried("other");
        now = now.plusSeconds(1);
        throttle.tried("admin");
        assertThatThrownBy(() -> throttle.tried("admin"))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.retryAfter()).contains(Duration.ofSeconds(2)));
        now = now.plusSeconds(2);
        throttle.tried("admin");
        throttle.succeeded("admin");
        throttle.tried("admin");
        throttle.tried("admin");
        for (int i = 0; i < 4; i++) {
            throttle.tried("eldest");
        }
        for (int i = 0; i < 20_000; i++) {
            throttle.tried("name" + i);
        }
        throttle.tried("eldest");
        throttle.tried("eldest");
    }

    @Test
    void guessesAtTheSameTimeAreCountedOneByOne() {
        start();
        Accounts accounts = new Accounts(store, AdminSecrets.of(environment), () -> now, Duration.ofMinutes(1));
        List<CompletableFuture<ErrorCode>> guesses = IntStream.range(0, 20)
                .mapToObj(i -> TestHost.async(() -> failure(() -> accounts.login(new Login("admin", "guess " + i)))))
                .toList();

        assertThat(guesses.stream().map(CompletableFuture::join))
                .containsOnly(ErrorCode.UNAUTHENTICATED, ErrorCode.RATE_LIMITED)
                .filteredOn(ErrorCode.UNAUTHENTICATED::equals)
                .hasSize(5);
    }

    @Test
    void aLoginThatWouldHaveToWaitIsToldToComeBack() throws Exception {
        SlowStore store = new SlowStore();
        Accounts accounts = new Accounts(store, AdminSecrets.of(environment), () -> now, Duration.ofMillis(50));
        List<CompletableFuture<ErrorCode>> first = Stream.generate(() ->
                        TestHost.async(() -> failure(() -> accounts.login(new Login("ann", "wrong")))))
                .limit(2)
                .toList();
        assertThat(store.asked.await(10, TimeUnit.SECONDS)).isTrue();

        assertThatThrownBy(() -> accounts.login(new Login("bob", "x")))
                .isInstanceOfSatisfying(LlmgineException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.OVERLOADED);
                    assertThat(e.retryAfter()).isPresent();
                });
        Thread.currentThread().interrupt();
        assertThat(failure(() -> accounts.verify(new VerifyPassword("bob", "x"))))
                .isEqualTo(ErrorCode.CANCELLED);

        store.answer.countDown();
        assertThat(first.stream().map(CompletableFuture::join)).containsOnly(ErrorCode.UNAUTHENTICATED);
        assertThat(failure(() -> accounts.login(new Login("bob", "x")))).isEqualTo(ErrorCode.UNAUTHENTICATED);
    }

    @Test
    void keysAreMadeListedAndRevoked() {
        Accounts accounts = start();
        IssuedKey key = accounts.createKey(new CreateKey(ADMIN, "admin", "ci", Optional.empty()));
        IssuedKey brief =
                accounts.createKey(new CreateKey(ADMIN, "admin", "brief", Optional.of(Duration.ofSeconds(5))));

        assertThat(key.expires()).isEqualTo(Instant.MAX);
        assertThat(key.toString()).doesNotContain(key.key());
        assertThat(brief.expires()).isEqualTo(now.plusSeconds(5));
        assertThat(authenticate(accounts, key.key()).principal()).isEqualTo(ADMIN);
        assertThat(accounts.revokeKey(new RevokeKey(ADMIN, key.keyId())).label())
                .isEqualTo("ci");
        assertUnauthenticated(accounts, key.key());
        assertThatThrownBy(() -> accounts.revokeKey(new RevokeKey(ADMIN, key.keyId())))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
        assertThatThrownBy(() -> accounts.createKey(new CreateKey(ADMIN, "nobody", "x", Optional.empty())))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.field()).contains("account"));
    }

    @Test
    void theHostsOwnKeysLiveInMemoryAndMayDoLittle() {
        Accounts accounts = start();
        IssuedKey key = accounts.createKey(
                new CreateKey(Principal.SYSTEM, "system", "warm-up", Optional.of(Duration.ofMinutes(1))));

        Principal principal = authenticate(accounts, key.key()).principal();
        assertThat(principal.has(Principal.USER)).isTrue();
        assertThat(principal.has(Principal.OPERATOR)).isFalse();
        assertThat(accounts.listKeys(new ListKeys(ADMIN)))
                .extracting(KeyEntry::label)
                .doesNotContain("warm-up");
        assertThatThrownBy(() -> accounts.createKey(new CreateKey(ADMIN, "system", "x", Optional.empty())))
                .isInstanceOf(LlmgineException.class);
        now = now.plus(Duration.ofMinutes(1));
        assertUnauthenticated(accounts, key.key());
    }

    @Test
    void aKeyOfAnAccountThatIsGoneIsNotValid() {
        store.put(new Account("ann", Set.of(Principal.VIEWER), ""));
        store.put(new AccountStore.Key("key_1", Secrets.sha256("secret"), "bob", "", now, Optional.empty()));
        Accounts accounts = start();

        assertUnauthenticated(accounts, "secret");
        assertThatThrownBy(() -> accounts.login(new Login("ann", ""))).isInstanceOf(LlmgineException.class);
    }

    @Test
    void theFolderMustBeWritable() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        Accounts accounts = new Accounts(store, AdminSecrets.of(environment), () -> now);

        assertThatThrownBy(() -> accounts.start(new DataFolder(file)))
                .hasMessageStartingWith("The key of the command line can't be written to");
    }

    @Test
    void passwordsAreHashedWithASaltOfTheirOwn() {
        Passwords passwords = new Passwords(new Secrets());
        String hash = passwords.hash("pässword");

        assertThat(hash).startsWith("$argon2id$v=19$m=19456,t=2,p=1$").isNotEqualTo(passwords.hash("pässword"));
        assertThat(Passwords.fits("pässword", hash)).isTrue();
        assertThat(Passwords.fits("password", hash)).isFalse();
        assertThat(Passwords.fits("", "")).isFalse();
        assertThat(Passwords.fits("x", "$2y$bcrypt")).isFalse();
    }

    private Accounts start() {
        Accounts accounts = new Accounts(store, AdminSecrets.of(environment), () -> now);
        accounts.start(new DataFolder(folder));
        return accounts;
    }

    private static ErrorCode failure(Runnable call) {
        try {
            call.run();
        } catch (LlmgineException e) {
            return e.code();
        }
        throw new AssertionError("It didn't fail.");
    }

    private static FirstStart.Credentials made(Accounts accounts) {
        return accounts.firstStart(new FirstStart(Principal.SYSTEM)).orElseThrow();
    }

    private static Authenticated authenticate(Accounts accounts, String key) {
        return accounts.authenticate(new Authenticate(key));
    }

    private static void assertUnauthenticated(Accounts accounts, String key) {
        assertThatThrownBy(() -> authenticate(accounts, key))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHENTICATED));
    }

    /** Has no accounts, and tells so when it is let. */
    private static final class SlowStore implements AccountStore {
        private final CountDownLatch asked = new CountDownLatch(2);
        private final CountDownLatch answer = new CountDownLatch(1);

        @Override
        public List<Account> accounts() {
            asked.countDown();
            try {
                answer.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return List.of();
        }

        @Override
        public List<Key> keys() {
            return List.of();
        }

        @Override
        public Optional<Key> keyByHash(String sha256) {
            return Optional.empty();
        }

        @Override
        public void put(Account account) {}

        @Override
        public void put(Key key) {}

        @Override
        public void removeKey(String keyId) {}
    }
}
