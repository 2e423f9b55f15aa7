package org.llmgine.plugins.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.llmgine.plugins.internal.CatalogueFile.Entry;

class CatalogueMakerTest {
    @TempDir
    private Path folder;

    @Test
    void thePluginsOfAFolderAreAnIndex() throws IOException {
        TestJar.greeter("1.0.0")
                .with(
                        "Provide-Capability",
                        "org.llmgine.plugin;id=\"greeter\";kind=\"tool\";name=\"Greeter\";description=\"It greets.\"")
                .with("Import-Package", "org.llmgine.api;version=\"[1.0,2)\",org.slf4j")
                .write(folder.resolve("system/a b/greeter-1.jar"));
        TestJar.greeter("1.1.0").write(folder.resolve("system/greeter-2.jar"));
        TestJar.bundle("example.library", "1.0.0").write(folder.resolve("system/library.jar"));
        Path index = folder.resolve("catalogue/index.json");

        CatalogueMaker.main(new String[] {
            "Test",
            folder.resolve("system").toString(),
            folder.resolve("catalogue").toString()
        });

        CatalogueFile file = CatalogueFile.read(Files.readAllBytes(index));
        assertThat(file.name()).isEqualTo("Test");
        assertThat(file.plugins()).hasSize(1);
        Entry greeter = file.plugins().getFirst();
        assertThat(greeter.id()).isEqualTo("greeter");
        assertThat(greeter.kinds()).isEqualTo(List.of("tool"));
        assertThat(greeter.versions())
                .extracting(CatalogueFile.Offered::version)
                .containsExactly("1.0.0", "1.1.0");
        assertThat(greeter.versions().getFirst().url()).isEqualTo("../system/a%20b/greeter-1.jar");
        assertThat(greeter.versions().getFirst().api()).isEqualTo(Map.of("org.llmgine.api", "[1.0.0,2.0.0)"));
        assertThat(greeter.versions().getFirst().sha256()).matches("[0-9a-f]{64}");
    }
}
