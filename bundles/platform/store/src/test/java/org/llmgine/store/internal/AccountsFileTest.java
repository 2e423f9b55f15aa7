package org.llmgine.store.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.llmgine.core.spi.AccountStore.Account;
import org.llmgine.core.spi.AccountStore.Key;

@ParameterizedClass
@EnumSource(TestDatabase.Kind.class)
final class AccountsFileTest {
    private static final String CONTENT = """
            {"accounts": [{"name": "ann", "roles": ["user", "viewer"], "passwordHash": "$argon2id$x"}],
             "keys": [
               {"id": "key_1", "sha256": "abc", "account": "ann", "label": "l", "created": "2026-01-01T00:00:00.5Z"},
               {"id": "key_2", "sha256": "def", "account": "ann", "label": "", "created": "2026-01-01T00:00:00.5Z",
                "expires": "2026-01-02T00:00:00Z"}]}
            """;
    private static final Instant THEN = Instant.parse("2026-01-01T00:00:00.5Z");
    private static final Account ANN = new Account("ann", Set.of("user", "viewer"), "$argon2id$x");
    private static final Key KEY = new Key("key_1", "abc", "ann", "l", THEN, Optional.empty());
    private static final Key BRIEF =
            new Key("key_2", "def", "ann", "", THEN, Optional.of(Instant.parse("2026-01-02T00:00:00Z")));

    @TempDir
    private Path folder;

    private final TestDatabase test;
    private final Database database;

    AccountsFileTest(TestDatabase.Kind kind) {
        test = new TestDatabase(kind);
        database = test.open("host_a");
    }

    @AfterEach
    void close() {
        test.close();
    }

    private Path file() {
        return folder.resolve("accounts.json");
    }

    private JdbcAccountStore store() {
        return new JdbcAccountStore(database, new ManualTimer());
    }

    @Test
    void itIsTakenOverOnceAndRenamed() throws IOException {
        Files.writeString(file(), CONTENT);

        new AccountsFile(file()).takeOver(database);
        new AccountsFile(file()).takeOver(database);

        assertThat(store().accounts()).containsExactly(ANN);
        assertThat(store().keys()).containsExactly(KEY, BRIEF);
        assertThat(file()).doesNotExist();
        assertThat(folder.resolve("accounts.json.migrated")).hasContent(CONTENT);
    }

    @Test
    void aStartThatWasCutOffBeforeTheRenamingGoesOnThere() throws IOException {
        Files.writeString(file(), CONTENT);
        new AccountsFile(file()).takeOver(database);
        Files.move(folder.resolve("accounts.json.migrated"), file());

        new AccountsFile(file()).takeOver(database);

        assertThat(store().keys()).containsExactly(KEY, BRIEF);
        assertThat(file()).doesNotExist();
    }

    @Test
    void aDatabaseWithOtherAccountsKeepsThem() throws IOException {
        Account bob = new Account("bob", Set.of("admin"), "");
        store().put(bob);
        Files.writeString(file(), CONTENT);

        new AccountsFile(file()).takeOver(database);
        assertThat(store().accounts()).containsExactly(bob);
        assertThat(file()).hasContent(CONTENT);

        store().put(ANN);
        new AccountsFile(file()).takeOver(database);
        assertThat(store().keys()).isEmpty();
        assertThat(file()).hasContent(CONTENT);
    }

    @Test
    void oneThatCanNotBeRenamedStopsTheStart() throws IOException {
        Files.writeString(file(), CONTENT);
        Files.createDirectories(folder.resolve("accounts.json.migrated/in-the-way"));

        assertThatThrownBy(() -> new AccountsFile(file()).takeOver(database))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageEndingWith("can't be renamed: move it away.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{\"accounts\": []}",
                "{\"accounts\": [{}], \"keys\": []}",
                "{\"accounts\": [], \"keys\": [{\"id\":\"1\",\"sha256\":\"x\",\"account\":\"a\",\"label\":\"\","
                        + "\"created\":\"yesterday\"}]}"
            })
    void oneThatCanNotBeReadStopsTheStartAndIsLeftAsItIs(String content) throws IOException {
        Files.writeString(file(), content);

        assertThatThrownBy(() -> new AccountsFile(file()).takeOver(database))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(file() + " can't be read");
        assertThat(file()).hasContent(content);
        assertThat(store().accounts()).isEmpty();
    }
}
