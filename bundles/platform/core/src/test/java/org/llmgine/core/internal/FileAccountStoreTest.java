package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.llmgine.core.spi.AccountStore.Account;
import org.llmgine.core.spi.AccountStore.Key;

class FileAccountStoreTest {
    private static final Account ANN = new Account("ann", Set.of("user", "viewer"), "$argon2id$x");
    private static final Instant THEN = Instant.parse("2026-01-01T00:00:00.5Z");
    private static final Key KEY = new Key("key_1", "abc", "ann", "my \"key\"", THEN, Optional.empty());
    private static final Key BRIEF = new Key("key_2", "def", "ann", "", THEN, Optional.of(THEN.plusSeconds(1)));

    @TempDir
    private Path folder;

    @Test
    void whatWasPutIsThereAfterAReload() throws IOException {
        FileAccountStore store = store();
        store.put(ANN);
        store.put(KEY);
        store.put(BRIEF);

        FileAccountStore reloaded = store();
        assertThat(reloaded.accounts()).containsExactly(ANN);
        assertThat(reloaded.keys()).containsExactly(KEY, BRIEF);
        assertThat(reloaded.keyByHash("def")).contains(BRIEF);
        assertThat(reloaded.keyByHash("xyz")).isEmpty();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        try (var files = Files.list(file().getParent())) {
            assertThat(files).containsExactly(file());
        }
    }

    @Test
    void aSecondOneOfTheSameNameReplacesTheFirst() {
        FileAccountStore store = store();
        store.put(ANN);
        Account promoted = new Account("ann", Set.of("admin"), "");
        store.put(promoted);
        store.put(KEY);
        Key renewed = new Key(KEY.id(), "new", "ann", "", THEN, Optional.empty());
        store.put(renewed);

        assertThat(store().accounts()).containsExactly(promoted);
        assertThat(store().keys()).containsExactly(renewed);
    }

    @Test
    void aRemovedKeyIsGone() {
        FileAccountStore store = store();
        store.put(KEY);
        store.removeKey("other");
        store.removeKey(KEY.id());

        assertThat(store.keys()).isEmpty();
        assertThat(store().keys()).isEmpty();
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
    void aFileThatCanNotBeReadStopsTheHostAndIsLeftAsItIs(String content) throws IOException {
        Files.createDirectories(file().getParent());
        Files.writeString(file(), content);

        assertThatThrownBy(this::store)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(file().toString());
        assertThat(file()).hasContent(content);
    }

    @Test
    void aChangeThatCanNotBeWrittenIsNotMade() throws IOException {
        FileAccountStore store = store();
        Files.writeString(file().getParent(), "in the way");

        assertThatThrownBy(() -> store.put(ANN)).hasMessageStartingWith("The accounts can't be written to");
        assertThat(store.accounts()).isEmpty();
    }

    private Path file() {
        return folder.resolve("data/accounts.json");
    }

    private FileAccountStore store() {
        return new FileAccountStore(new DataFolder(folder.resolve("data")));
    }
}
