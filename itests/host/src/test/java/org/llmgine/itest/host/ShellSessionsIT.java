package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedHost.class)
final class ShellSessionsIT {
    @Test
    void aSessionIsMadeAskedShownAndDeleted(Host host) throws IOException {
        try (Shell shell = host.shell()) {
            String id = shell.run("llmgine:session-create -t Sums -e tool-chat -m offline/demo --tool calculator")
                    .strip();
            assertThat(id).startsWith("sess_");
            assertThat(shell.run("llmgine:sessions")).contains(id).contains("Sums");

            assertThat(shell.run("llmgine:chat -s " + id + " 'What is (17*23)?'"))
                    .contains("[calculator ")
                    .contains("391");
            assertThat(shell.run("llmgine:session-show " + id))
                    .contains("user:\nWhat is (17*23)?\n", "Tools   calculator", "391");
            assertThat(host.api().json("/api/sessions/" + id).path("title").asText())
                    .isEqualTo("Sums");

            assertThat(shell.run("llmgine:session-delete " + id)).contains("(Sums) is gone.");
            assertThat(host.api().get("/api/sessions/" + id).statusCode()).isEqualTo(404);
        }
    }

    @Test
    void anEngineIsAskedByItsName(Host host) throws IOException {
        try (Shell shell = host.shell()) {
            assertThat(shell.run("llmgine:chat -e tool-chat paced-3-0")).contains("w0 w1 w2");
        }
    }
}
