package org.llmgine.plugins.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.plugins.internal.Ledger.Kept;
import org.llmgine.plugins.internal.Ledger.Plugin;

class LedgerTest {
    private static final Kept ONE =
            new Kept("1.0.0", "aa", "llmgine-plugin:a:aa", "upload", "2026-01-01T00:00:00Z", "ann");
    private static final Plugin GREETER = new Plugin(true, "aa", "", List.of(ONE));

    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve("plugins.json");
    }

    @Test
    void whatIsWrittenIsThereForTheNextHost() throws IOException {
        Ledger ledger = new Ledger(file());
        assertThat(ledger.plugins()).isEmpty();

        ledger.change("a", known -> {
            assertThat(known).isEmpty();
            return Optional.of(GREETER);
        });
        ledger.change("b", known -> Optional.of(GREETER));
        ledger.change("b", known -> Optional.empty());

        assertThat(new Ledger(file()).plugins()).containsOnlyKeys("a").containsEntry("a", GREETER);
        assertThat(ledger.plugin("a")).contains(GREETER);
        assertThat(GREETER.activeVersion()).isEqualTo(ONE);
        assertThat(GREETER.installedAt(ONE, "elsewhere").activeVersion().location())
                .isEqualTo("elsewhere");
    }

    @Test
    void whatCantBeWrittenHasNotChanged() throws IOException {
        Ledger ledger = new Ledger(file());
        ledger.change("a", known -> Optional.of(GREETER));
        // A folder in the place of the file that is written first.
        Files.createDirectories(folder.resolve("plugins.json.next/x"));

        assertThatThrownBy(() -> ledger.change("a", known -> Optional.empty()))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));

        assertThat(ledger.plugin("a")).contains(GREETER);
        assertThat(new Ledger(file()).plugin("a")).contains(GREETER);
    }

    @Test
    void aDamagedFileIsNotTakenForAnEmptyOne() throws IOException {
        Files.writeString(file(), "{\"format\":1,\"plug");
        assertThatThrownBy(() -> new Ledger(file()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is damaged");

        Files.writeString(file(), "{\"format\":2,\"plugins\":{}}");
        assertThatThrownBy(() -> new Ledger(file()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("newer host");
    }
}
