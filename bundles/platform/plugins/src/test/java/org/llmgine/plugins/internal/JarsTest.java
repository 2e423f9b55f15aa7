package org.llmgine.plugins.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

class JarsTest {
    /** Of {@code hello}. */
    private static final String SHA = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    @TempDir
    private Path folder;

    private static InputStream hello() {
        return new ByteArrayInputStream("hello".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aJarIsNamedAfterItsSum() throws IOException {
        Jars jars = new Jars(folder);
        for (int i = 0; i < 2; i++) {
            try (Jars.Incoming incoming = jars.take(hello(), 5)) {
                assertThat(incoming.sha256()).isEqualTo(SHA);
                incoming.keep();
            }
        }

        assertThat(jars.file(SHA)).hasContent("hello");
        assertThat(Files.list(folder)).hasSize(1);
        jars.drop(SHA);
        assertThat(Files.list(folder)).isEmpty();
    }

    @Test
    void whatIsNotKeptGoes() throws IOException {
        try (Jars.Incoming incoming = new Jars(folder).take(hello(), 5)) {
            assertThat(incoming.path()).hasContent("hello");
        }

        assertThat(Files.list(folder)).isEmpty();
    }

    @Test
    void oneThatIsTooLargeLeavesNothing() throws IOException {
        assertThatThrownBy(() -> new Jars(folder).take(hello(), 4))
                .isInstanceOfSatisfying(LlmgineException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE);
                    assertThat(e.hint().orElse("")).contains("maxJarBytes");
                });

        assertThat(Files.list(folder)).isEmpty();
    }

    @Test
    void atTheStartOnlyWhatIsNamedStays() throws IOException {
        for (String name : new String[] {"aa.jar", "bb.jar", "123.part", "notes.txt"}) {
            Files.writeString(folder.resolve(name), "x");
        }

        new Jars(folder).retain(Set.of("aa"));

        assertThat(Files.list(folder).map(file -> file.getFileName().toString()))
                .containsExactlyInAnyOrder("aa.jar", "notes.txt");
    }
}
