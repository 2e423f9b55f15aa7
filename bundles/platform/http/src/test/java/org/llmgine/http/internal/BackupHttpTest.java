package org.llmgine.http.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;

@Timeout(60)
class BackupHttpTest {
    private Host host;

    @BeforeEach
    void start() throws Exception {
        host = new Host(Map.of("maxBodyBytes", 1024L, "maxRestoreBytes", 200_000L), Map.of());
        host.commands.keys.put(FakeCommands.KEY, new Principal("root", Set.of(Principal.ADMIN)));
    }

    @AfterEach
    void stop() throws Exception {
        host.close();
    }

    private static void write(OutputStream out, String text) {
        try {
            out.write(text.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpResponse<String> restore(String body) throws IOException, InterruptedException {
        return host.client.send(
                host.request("/api/restore")
                        .header("Content-Type", "application/zip")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void aBackupIsStreamed() throws Exception {
        String text = "x".repeat(1_000_000);
        host.commands.backup = out -> write(out, text);

        HttpResponse<String> response = host.get("/api/backup");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(text);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/zip");
        assertThat(response.headers().firstValue("Content-Disposition").orElseThrow())
                .matches("attachment; filename=\"llmgine-\\d{8}-\\d{6}\\.zip\"");
    }

    @Test
    void whatFailsBeforeTheFirstByteHasItsStatus() throws Exception {
        host.commands.backup = out -> {
            throw new LlmgineException(ErrorCode.UNAVAILABLE, "The database is away.");
        };

        HttpResponse<String> response = host.get("/api/backup");

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(response.headers().firstValue("Content-Disposition")).isEmpty();
    }

    @Test
    void oneThatBreaksOffJustEnds() throws Exception {
        host.commands.backup = out -> {
            write(out, "x".repeat(1_000_000));
            throw new LlmgineException(ErrorCode.UNAVAILABLE, "The database is away.");
        };

        HttpResponse<String> response = host.get("/api/backup");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).matches("x+");
    }

    @Test
    void aBackupThatIsLargerThanOtherBodiesIsRestored() throws Exception {
        String body = "y".repeat(150_000);

        HttpResponse<String> response = restore(body);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).contains("\"hostVersion\":\"" + body + "\"", "\"counts\":{\"sessions\":150000}");
        assertThat(host.commands.restored.poll(10, TimeUnit.SECONDS)).doesNotExist();
        assertThat(restore("y".repeat(200_001)).statusCode()).isEqualTo(413);
        assertThat(host.commands.restored).isEmpty();
    }

    @Test
    void whoIsNoAdminMaySendNoMoreThanOthers() throws Exception {
        host.commands.keys.put(FakeCommands.KEY, new Principal("ann", Set.of(Principal.OPERATOR)));

        assertThat(restore("y".repeat(1025)).statusCode()).isEqualTo(413);
        assertThat(restore("y").statusCode()).isEqualTo(403);
        assertThat(host.commands.restored.poll(10, TimeUnit.SECONDS)).doesNotExist();
    }
}
