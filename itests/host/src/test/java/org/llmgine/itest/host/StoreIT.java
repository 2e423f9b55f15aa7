package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.llmgine.store.internal.Postgres;

/** What a host has stored outlives it, on a file and on PostgreSQL. */
final class StoreIT {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String FOREVER = "paced-1-0+wait-60029";

    @TempDir
    private Path folder;

    private static Host unpack(String name) throws IOException, InterruptedException {
        return SharedHost.unpackWithTestPlugins(name);
    }

    private static Host onPostgres(Host host, String url) {
        return host.with("LLMGINE_DB_URL", url).with("LLMGINE_DB_USER", "llmgine");
    }

    private static String newKey(Api api) {
        return Api.parse(api.post("/api/keys", "{\"label\":\"itest\"}").body())
                .path("key")
                .asText();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aKilledHostHasItsSessionsHistoryAndKeysAgain(boolean postgres) throws Exception {
        Host made = unpack("store-" + postgres);
        try (Host host = postgres ? onPostgres(made, Postgres.shared().database()) : made) {
            host.start();
            SharedHost.awaitModel(host);
            Api api = host.api(newKey(host.api()));
            TestSession session = TestSession.create(api, "{\"title\":\"Kept\"}");
            session.finish("\"prompt\":\"paced-2-0\"");
            List<JsonNode> before = session.messages();
            TestSession killed = TestSession.ofModel(api, "scripted~main/" + FOREVER);
            String turn = killed.detach("go");
            Until.holds(
                    SOON, () -> "the model is not asked", () -> host.journal().open(FOREVER) == 1);
            String asked = api.json(turn).path("prompt").asText();

            host.kill();
            host.start();
            SharedHost.awaitModel(host);

            assertThat(api.json(session.path()).path("title").asText()).isEqualTo("Kept");
            assertThat(session.messages()).isEqualTo(before);
            assertThat(api.json(turn).path("state").asText()).isEqualTo("failed");
            assertThat(api.json(turn).path("error").path("code").asText()).isEqualTo("interrupted");
            assertThat(killed.texts()).containsExactly("go");
            api.call("PATCH", killed.path(), "{\"model\":\"default\"}");
            JsonNode again = killed.finish("\"prompt\":\"paced-1-0\",\"replaces\":\"" + asked + "\"");
            assertThat(again.path("turn").path("state").asText()).isEqualTo("completed");
            assertThat(killed.texts()).containsExactly("paced-1-0", "w0 ");
            JsonNode asIs = session.finish(
                    "\"replaces\":\"" + before.getFirst().path("id").asText() + "\"");
            assertThat(asIs.path("turn").path("state").asText()).isEqualTo("completed");
        }
    }

    @Test
    void aTurnOfAHostThatIsGoneIsEndedByAnother() throws Exception {
        String url = Postgres.shared().database();
        try (Host first = onPostgres(unpack("store-first"), url).start();
                Host second = onPostgres(unpack("store-second"), url).start()) {
            SharedHost.awaitModel(first);
            String key = newKey(first.api());
            TestSession session = TestSession.ofModel(first.api(key), "scripted~main/" + FOREVER);
            String turn = session.detach("go");
            Until.holds(
                    SOON, () -> "the model is not asked", () -> first.journal().open(FOREVER) == 1);

            Api other = second.api(key);
            Until.holds(
                    SOON,
                    () -> "the key is not known there",
                    () -> other.get("/v1/models").statusCode() == 200);
            TestSession there = new TestSession(other, session.id());
            HttpResponse<String> refused = there.send("{\"prompt\":\"greet\"}");
            assertThat(refused.statusCode()).isEqualTo(409);
            assertThat(Api.parse(refused.body()).path("code").asText()).isEqualTo("busy");
            assertThat(other.json(turn).path("state").asText()).isEqualTo("running");

            first.kill();
            Until.holds(
                    Duration.ofSeconds(60),
                    () -> "the turn is not ended",
                    () -> other.json(turn).path("state").asText().equals("failed"));
            assertThat(other.json(turn).path("error").path("code").asText()).isEqualTo("interrupted");
            other.call("PATCH", there.path(), "{\"model\":\"default\"}");
            assertThat(there.finish("\"prompt\":\"paced-1-0\"")
                            .path("turn")
                            .path("state")
                            .asText())
                    .isEqualTo("completed");
        }
    }

    @Test
    void whileTheDatabaseIsAwayStreamsGoOnAndNothingIsLostSilently() throws Exception {
        Postgres server = new Postgres();
        try (Host host = onPostgres(unpack("store-away"), server.database())
                .withSettings("org.llmgine.store", "connectionTimeoutMs = 3000\n")
                .start()) {
            SharedHost.awaitModel(host);
            Api api = host.api(newKey(host.api()));
            TestSession session = TestSession.create(api, "{}");
            HttpResponse<InputStream> running = session.ask("paced-20-50+gate-away+paced-20-50");
            HttpResponse<InputStream> direct = api.begin(
                    "/v1/chat/completions",
                    "{\"model\":\"scripted~main/paced-20-50+gate-away+paced-40-50\",\"stream\":true,"
                            + "\"messages\":[{\"role\":\"user\",\"content\":\"go\"}]}");

            server.stop();
            host.open("away");

            assertThat(new String(direct.body().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("w59 ", "[DONE]");
            TurnLog log = TurnLog.whole(running.body());
            assertThat(log.text()).startsWith("w0 ").endsWith("w39 ");
            assertThat(log.last().name()).isEqualTo("error");
            assertThat(log.last().data().path("code").asText()).isEqualTo("unavailable");
            assertThat(api.ask("offline/demo", "Hello!").isWhole()).isTrue();
            HttpResponse<String> refused = api.get(session.path());
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            assertThat(refused.body())
                    .contains("The host's database can't be used at present.")
                    .doesNotContain("Exception");
            assertThat(api.get("/health/live").statusCode()).isEqualTo(200);
            Until.holds(
                    SOON,
                    () -> "the probe doesn't tell",
                    () -> api.get("/health/ready").body().contains("the database can't be used"));

            server.start();
            Until.holds(
                    SOON,
                    () -> "it is not used again",
                    () -> api.get(session.path()).statusCode() == 200);
            Until.holds(
                    SOON,
                    () -> "the end is not stored",
                    () -> api.json(session.turns())
                            .path("items")
                            .path(0)
                            .path("state")
                            .asText()
                            .equals("failed"));
            assertThat(session.finish("\"prompt\":\"paced-1-0\"")
                            .path("turn")
                            .path("state")
                            .asText())
                    .isEqualTo("completed");
            server.stop();
        }
    }

    @Test
    void aBackupOfAFileIsRestoredIntoPostgres() throws Exception {
        Path backup = folder.resolve("backup.zip");
        String key;
        TestSession session;
        try (Host host = unpack("store-from").start()) {
            SharedHost.awaitModel(host);
            key = newKey(host.api());
            session = TestSession.create(host.api(key), "{\"title\":\"Moved\"}");
            session.finish("\"prompt\":\"paced-2-0\"");
            HttpResponse<Path> answer = HttpClient.newHttpClient()
                    .send(backups(host, "/api/backup").build(), HttpResponse.BodyHandlers.ofFile(backup));
            assertThat(answer.statusCode()).isEqualTo(200);
        }
        try (Host host =
                onPostgres(unpack("store-to"), Postgres.shared().database()).start()) {
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(
                            backups(host, "/api/restore")
                                    .header("Content-Type", "application/zip")
                                    .POST(HttpRequest.BodyPublishers.ofFile(backup))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);

            TestSession there = new TestSession(host.api(key), session.id());
            assertThat(there.texts()).containsExactly("paced-2-0", "w0 w1 ");
        }
    }

    private static HttpRequest.Builder backups(Host host, String path) {
        return HttpRequest.newBuilder(URI.create(host.uri() + path))
                .header("Authorization", "Bearer " + Host.ADMIN_KEY);
    }

    @Test
    void aServerThatIsNotThereEndsTheStartWithOneSentence() throws Exception {
        try (Host host = onPostgres(unpack("store-none"), "jdbc:postgresql://127.0.0.1:1/none")
                .withSettings("org.llmgine.store", "startTimeoutMs = 1000\n")
                .launch()) {
            host.awaitExit();

            assertThat(host.output())
                    .contains(
                            "The host stops. Can't reach the database jdbc:postgresql://127.0.0.1:1/none within 1 s: ")
                    .doesNotContain("\tat ");
        }
    }
}
