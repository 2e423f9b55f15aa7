package org.llmgine.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Backups by way of the host's API. */
@Timeout(20)
class BackupCommandTest {
    private static final String REPORT = "{\"created\":\"2026-11-22T10:00:00Z\",\"hostVersion\":\"1.0.0\","
            + "\"schemaVersion\":1,\"counts\":{\"api_keys\":1,\"sessions\":2}}";

    @TempDir
    private Path folder;

    private final Console console = new Console().with("LLMGINE_KEY", "k-123").pipe("");
    private ScriptedHost.Script script = exchange -> {};
    private final ScriptedHost host = new ScriptedHost(exchange -> script.play(exchange));

    @AfterEach
    void stop() {
        host.close();
    }

    private int run(String... arguments) {
        console.with("LLMGINE_HTTP_PORT", host.port());
        return console.run(arguments);
    }

    private Path file() {
        return folder.resolve("b.zip");
    }

    private static byte[] zip(String entry) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry(entry));
        }
        return bytes.toByteArray();
    }

    private static void send(HttpExchange exchange, byte[] bytes) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", "application/zip");
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().write(bytes);
    }

    @Test
    void aBackupIsWrittenForItsOwnerOnly() throws IOException {
        byte[] backup = zip("manifest.json");
        script = exchange -> send(exchange, backup);

        assertThat(run("backup", file().toString())).as(console.err()).isZero();

        assertThat(file()).hasBinaryContent(backup);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        assertThat(console.out()).isEqualTo("Wrote " + file() + " (1 kB)\n");
        assertThat(host.requests.getFirst().path()).isEqualTo("/api/backup");

        assertThat(run("backup", file().toString())).isEqualTo(1);
        assertThat(console.err()).isEqualTo("llmgine: There is " + file() + " already; --force replaces it.\n");
        assertThat(run("backup", "--force", "--json", file().toString())).isZero();
        assertThat(console.out()).contains("{\"file\":\"" + file() + "\"").contains("\"bytes\":" + backup.length);
    }

    @Test
    void whatIsNotWholeIsNotKept() throws IOException {
        byte[] backup = zip("accounts.jsonl");
        script = exchange -> send(exchange, backup);
        assertThat(run("backup", file().toString())).isEqualTo(1);
        script = exchange -> send(exchange, "PK".getBytes(UTF_8));
        assertThat(run("backup", file().toString())).isEqualTo(1);
        script = ScriptedHost.answer(
                503, "application/problem+json", "{\"detail\":\"The database is away.\",\"hint\":\"Wait.\"}");
        assertThat(run("backup", file().toString())).isEqualTo(1);

        assertThat(console.err().lines())
                .containsExactly(
                        "llmgine: The host broke the backup off; nothing is kept of it. ./llmgine logs says why.",
                        "llmgine: The host broke the backup off; nothing is kept of it. ./llmgine logs says why.",
                        "llmgine: The database is away. Wait.");
        assertThat(Files.list(folder)).isEmpty();
        assertThat(run("backup", folder.resolve("none/b.zip").toString())).isEqualTo(1);
        assertThat(console.err()).endsWith("There is no folder " + folder.resolve("none") + ".\n");
    }

    @Test
    void aBackupIsRestored() throws IOException {
        script = ScriptedHost.answer(200, "application/json", REPORT);
        Files.writeString(file(), "x".repeat(300_000));

        assertThat(run("restore", file().toString())).as(console.err()).isZero();
        assertThat(run("restore", "--json", file().toString())).isZero();

        assertThat(console.out())
                .isEqualTo("Restored the backup of 2026-11-22T10:00:00Z: 1 api keys, 2 sessions\n" + REPORT + "\n");
        assertThat(host.requests)
                .allSatisfy(request -> assertThat(request.body()).hasSize(300_000))
                .extracting(ScriptedHost.Request::method, ScriptedHost.Request::path)
                .contains(tuple("POST", "/api/restore"));
    }

    @Test
    void whyARestoreIsRefusedIsSaid() throws IOException {
        assertThat(run("restore", file().toString())).isEqualTo(1);
        Files.writeString(file(), "x");
        script = ScriptedHost.answer(
                409, "application/problem+json", "{\"detail\":\"2 turns are in progress.\",\"hint\":\"Wait.\"}");
        assertThat(run("restore", file().toString())).isEqualTo(1);
        script = ScriptedHost.answer(403, "application/problem+json", "{\"detail\":\"You may not.\"}");
        assertThat(run("restore", file().toString())).isEqualTo(77);
        script = ScriptedHost.answer(401, "application/problem+json", "{\"detail\":\"The key is not valid.\"}");
        assertThat(run("restore", file().toString())).isEqualTo(77);

        assertThat(console.err().lines())
                .containsExactly(
                        "llmgine: There is no file " + file() + ".",
                        "llmgine: 2 turns are in progress. Wait.",
                        "llmgine: You may not.",
                        "llmgine: The key is not valid.",
                        "The key came from LLMGINE_KEY: is it one of this host?");
    }

    @Test
    void aPersonSeesHowFarItIs() {
        assertThat(ByteProgress.size(1)).isEqualTo("1 kB");
        assertThat(ByteProgress.size(2_345_678)).isEqualTo("2.3 MB");
        Console terminal = new Console();
        ByteProgress progress = new ByteProgress(terminal.terminal(), "sent");
        long end = System.nanoTime() + 10_000_000_000L;
        while (terminal.err().isEmpty() && System.nanoTime() < end) {
            progress.bytes(2_000_000);
        }
        progress.close();

        assertThat(terminal.err()).isEqualTo("\r\u001b[K2.0 MB sent\r\u001b[K");
    }
}
