package org.llmgine.itest.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ApiSignaturesTest {
    private static final Path API = Repository.ROOT.resolve("bundles/platform/api");
    private static final Path RECORDED = API.resolve("api-signatures.txt");

    @Test
    void theApiIsAsRecorded() throws Exception {
        String signatures = ApiSignatures.of(API.resolve("target/classes"));
        if (Boolean.getBoolean("updateRecorded")) {
            Files.writeString(RECORDED, signatures);
        }

        assertThat(signatures.lines())
                .as(
                        "The api differs from %s. Plugins are compiled against it: if you mean the change, record it with "
                                + "\"./mvnw -pl bundles/platform/api,itests/architecture test -DupdateRecorded=true\" and "
                                + "commit the file.",
                        RECORDED)
                .containsExactlyElementsOf(Files.readAllLines(RECORDED));
    }

    @Test
    void signaturesTellVersionsGenericsNullnessAndRoles() throws Exception {
        String signatures = ApiSignatures.of(API.resolve("target/classes"));

        assertThat(signatures)
                .contains(
                        "package org.llmgine.api.model [@Export(substitution=NOIMPORT), @NullMarked, @Version(value=1.0.0)]")
                .contains("@ConsumerType\npublic abstract interface org.llmgine.api.tool.Tool<A>"
                        .replace("abstract ", ""))
                .contains("java.util.List<org.llmgine.api.message.ContentPart> content")
                .doesNotContain("CallParts");
    }
}
