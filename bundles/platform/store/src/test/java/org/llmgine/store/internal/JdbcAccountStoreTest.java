package org.llmgine.store.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.llmgine.core.spi.AccountStore.Account;
import org.llmgine.core.spi.AccountStore.Key;

@ParameterizedClass
@EnumSource(TestDatabase.Kind.class)
final class JdbcAccountStoreTest {
    private static final Account ANN = new Account("ann", Set.of("user", "viewer"), "$argon2id$x");
    private static final Key KEY = new Key("key_1", "abc", "ann", "my \"key\"", Samples.THEN, Optional.empty());
    private static final Key BRIEF =
            new Key("key_2", "def", "ann", "", Samples.THEN, Optional.of(Samples.THEN.plusSeconds(1)));

    private final TestDatabase.Kind kind;
    private final TestDatabase database;
    private final ManualTimer timer = new ManualTimer();
    private final JdbcAccountStore store;

    JdbcAccountStoreTest(TestDatabase.Kind kind) {
        this.kind = kind;
        database = new TestDatabase(kind);
        store = new JdbcAccountStore(database.open("host_a"), timer);
    }

    @AfterEach
    void close() {
        store.close();
        assertThat(timer.watches()).isZero();
        database.close();
    }

    private JdbcAccountStore another() {
        return new JdbcAccountStore(database.open("host_b"), new ManualTimer());
    }

    @Test
    void whatWasPutIsThereForTheNextHost() {
        store.put(ANN);
        store.put(KEY);
        store.put(BRIEF);

        JdbcAccountStore next = another();
        assertThat(next.accounts()).containsExactly(ANN);
        assertThat(next.keys()).containsExactly(KEY, BRIEF);
        assertThat(next.keyByHash("def")).contains(BRIEF);
        assertThat(store.keyByHash("xyz")).isEmpty();
    }

    @Test
    void aSecondOneOfTheSameNameReplacesTheFirst() {
        store.put(ANN);
        Account promoted = new Account("ann", Set.of(), "");
        store.put(promoted);
        store.put(KEY);
        Key renewed = new Key(KEY.id(), "new", "ann", "", Samples.THEN, Optional.empty());
        store.put(renewed);

        assertThat(store.accounts()).containsExactly(promoted);
        assertThat(store.keys()).containsExactly(renewed);
        assertThat(another().accounts()).containsExactly(promoted);
        assertThat(another().keys()).containsExactly(renewed);
    }

    @Test
    void aRemovedKeyIsGone() {
        store.put(KEY);
        store.removeKey("other");
        store.removeKey(KEY.id());

        assertThat(store.keyByHash("abc")).isEmpty();
        assertThat(another().keys()).isEmpty();
    }

    @Test
    void whatAnotherHostChangesIsSeenSoon() {
        JdbcAccountStore other = another();
        store.put(KEY);
        long before = System.nanoTime();
        other.act();
        assertThat(other.keyByHash("abc")).contains(KEY);
        store.removeKey(KEY.id());

        assertThat(other.isDue(before + TimeUnit.SECONDS.toNanos(2))).isFalse();
        assertThat(other.isDue(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(2_100)))
                .isTrue();
        other.act();

        assertThat(other.keyByHash("abc")).isEmpty();
        assertThat(timer.watches()).isEqualTo(kind == TestDatabase.Kind.H2 ? 0 : 1);
    }
}
