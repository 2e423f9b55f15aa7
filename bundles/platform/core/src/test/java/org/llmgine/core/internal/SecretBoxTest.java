package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

class SecretBoxTest {
    private static final String VARIABLE = "a key of more than thirty-two letters";

    @TempDir
    private Path folder;

    private SecretBox box() {
        return new SecretBox(new DataFolder(folder), Map.of());
    }

    @Test
    void aSecretIsReadWithItsKeyInItsPlaceOnly() {
        SecretBox box = box();
        String encrypted = box.seal("pid/key", "sk-ü");

        assertThat(encrypted).doesNotContain("sk-").isNotEqualTo(box.seal("pid/key", "sk-ü"));
        assertThat(box().open("pid/key", encrypted)).contains("sk-ü");
        assertThat(box.open("pid/other", encrypted)).isEmpty();
        assertThat(box.open("pid/key", encrypted.substring(0, encrypted.length() - 4) + "AAAA"))
                .isEmpty();
        assertThat(box.open("pid/key", "v9." + encrypted.substring(3))).isEmpty();
        assertThat(box.open("pid/key", "v1.%")).isEmpty();
        assertThat(box.open("pid/key", "v1.AAAA")).isEmpty();
    }

    @Test
    void theKeysFileIsItsOwnersAndMadeWhenItIsNeeded() throws Exception {
        Path file = folder.resolve("secret.key");
        assertThat(box().open("p", "v1.AAAA")).isEmpty();
        assertThat(file).doesNotExist();

        box().seal("p", "s");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        String encrypted = box().seal("p", "s");
        Files.delete(file);
        assertThat(box().open("p", encrypted)).isEmpty();
    }

    @Test
    void aVariableIsAKeyWithoutAFile() {
        SecretBox box = new SecretBox(new DataFolder(folder), Map.of("LLMGINE_SECRET_KEY", VARIABLE));
        String encrypted = box.seal("p", "s");

        assertThat(folder.resolve("secret.key")).doesNotExist();
        assertThat(box.open("p", encrypted)).contains("s");
        assertThat(new SecretBox(new DataFolder(folder), Map.of("LLMGINE_SECRET_KEY", VARIABLE + "!"))
                        .open("p", encrypted))
                .isEmpty();
        assertThatThrownBy(() -> new SecretBox(new DataFolder(folder), Map.of("LLMGINE_SECRET_KEY", "short")))
                .hasMessage("LLMGINE_SECRET_KEY needs 32 characters or more.");
    }

    @Test
    void aFolderThatCantBeWrittenIsSaid() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");

        assertThatThrownBy(() -> new SecretBox(new DataFolder(file), Map.of()).seal("p", "s"))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    }
}
