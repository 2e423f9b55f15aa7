package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Settings that are changed in a running host, by every face. Each test goes on where the one before it ended. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ConfigIT {
    private static final String SCRIPTED = "/api/config/" + SharedHost.INSTANCE_PID + "~live";
    private static final String CORE = "/api/config/org.llmgine.core";
    private static final String OPENAI = "org.llmgine.provider.openai~it";
    private static final String SECRET = "sk-it-4711-nobody-may-see-this";
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final int STREAMS = 5;
    private static final int WORDS = 150;
    private static final String SCRIPT = "paced-100-20+gate-changed+paced-50-0";

    private static final List<String> KEYS = new CopyOnWriteArrayList<>();
    private static Host host;
    private static HttpServer backEnd;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        backEnd = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        backEnd.createContext("/", exchange -> {
            try (exchange) {
                KEYS.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
                byte[] none = "{\"object\":\"list\",\"data\":[{\"id\":\"m\",\"object\":\"model\"}]}"
                        .getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().add("Content-Type", "application/json");
                exchange.sendResponseHeaders(200, none.length);
                exchange.getResponseBody().write(none);
            }
        });
        backEnd.start();
        host = Host.unpack("config")
                .withPlugin(Fixtures.scriptedProvider())
                .withSettings("org.llmgine.core", "gapTimeoutMs = 600000\n")
                .start();
    }

    @AfterAll
    static void stop() {
        host.close();
        backEnd.stop(0);
    }

    private static HttpResponse<String> change(String method, String path, String body) {
        return host.api().call(method, path, body);
    }

    private static JsonNode good(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return Api.parse(answer.body());
    }

    private static JsonNode setting(String path, String name) {
        return StreamSupport.stream(host.api().json(path).path("settings").spliterator(), false)
                .filter(setting -> setting.path("name").asText().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static void awaitAnswer(String model, String begin) {
        Until.holds(
                SOON,
                () -> model + " answers " + host.api().ask(model, "").text(),
                () -> host.api().ask(model, "").text().startsWith(begin));
    }

    /** Ask the back-end until it is sent a key. */
    private static void awaitKey(String key) {
        Until.holds(
                SOON,
                () -> "the back-end was sent " + KEYS,
                () -> host.api().askWhole("openai~it/m", "hello").statusCode() > 0 && KEYS.contains("Bearer " + key));
    }

    @Test
    @Order(1)
    void whatCanBeConfiguredIsListed() {
        Until.holds(SOON, () -> "it is not there", () -> pids().contains(SharedHost.INSTANCE_PID));

        assertThat(pids())
                .contains("org.llmgine.core", "org.llmgine.http", "org.llmgine.provider.openai", "org.llmgine.plugins")
                .doesNotContain("org.llmgine.store");
        assertThat(setting(CORE, "defaultModel").path("origin").asText()).isEqualTo("default");
        assertThat(host.api()
                        .json(CORE)
                        .path("schema")
                        .path("properties")
                        .path("retries")
                        .path("maximum")
                        .asInt())
                .isEqualTo(10);
    }

    private static List<String> pids() {
        return StreamSupport.stream(host.api().json("/api/config").path("items").spliterator(), false)
                .map(entry -> entry.path("pid").asText())
                .toList();
    }

    @Test
    @Order(2)
    void streamsLiveThroughChangesOfTheirProvidersSettings() throws Exception {
        good(change("PUT", SCRIPTED, "{\"greeting\":\"first\"}"));
        awaitAnswer("scripted~live/greet", "first");
        try (Crowd<ChatStream.Answer> crowd =
                Crowd.of(STREAMS, () -> host.api().ask("scripted~live/" + SCRIPT, "go"))) {
            Until.holds(SOON, () -> "not all streams run", () -> host.journal().open(SCRIPT) == STREAMS);
            for (String greeting : List.of("second", "third", "fourth")) {
                good(change("PATCH", SCRIPTED, "{\"greeting\":\"" + greeting + "\"}"));
                awaitAnswer("scripted~live/greet", greeting);
            }
            assertThat(crowd.isDone())
                    .as("the streams ended before the changes")
                    .isFalse();
            host.open("changed");

            assertThat(crowd.results())
                    .allMatch(ChatStream.Answer::isWhole)
                    .allSatisfy(answer -> assertThat(answer.deltas()).isEqualTo(Numbered.words(WORDS)));
        }
    }

    @Test
    @Order(3)
    void aBadValueIsRefusedByNameAndNothingChanges() {
        HttpResponse<String> refused = change("PATCH", SCRIPTED, "{\"greeting\":\"fifth\",\"limit\":99}");

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(Api.parse(refused.body()).path("field").asText()).isEqualTo("limit");
        assertThat(refused.body())
                .contains("limit must be a whole number at least 1 and at most 9.")
                .doesNotContain("Exception");
        assertThat(change("PATCH", SCRIPTED, "{\"greting\":\"x\"}").body()).contains("Did you mean 'greeting'?");
        assertThat(host.api().json(SCRIPTED).path("version").asInt()).isEqualTo(4);
        awaitAnswer("scripted~live/greet", "fourth");
    }

    @Test
    @Order(4)
    void aSecretReachesItsBackEndAndNothingElse() throws Exception {
        String url = "http://127.0.0.1:" + backEnd.getAddress().getPort() + "/v1";
        String body = "{\"baseUrl\":\"" + url + "\",\"apiKey\":\"" + SECRET + "\"}";

        HttpResponse<String> answer = change("PUT", "/api/config/" + OPENAI, body);
        good(answer);

        awaitKey(SECRET);
        assertThat(setting("/api/config/" + OPENAI, "apiKey").path("set").asBoolean())
                .isTrue();
        try (Shell shell = host.shell()) {
            assertThat(shell.run("config:list"))
                    .contains("org.llmgine.provider.openai")
                    .doesNotContain(SECRET);
        }
        for (String path : List.of(
                "/api/config/" + OPENAI, "/api/config/" + OPENAI + "/history", "/api/audit", "/api/providers")) {
            assertThat(host.api().get(path).body()).doesNotContain(SECRET);
        }
        assertThat(answer.body()).doesNotContain(SECRET);
        assertThat(host.output()).doesNotContain(SECRET);
        assertNowhereInClear(host.data());
        assertNowhereInClear(host.home().resolve("etc"));
    }

    private static void assertNowhereInClear(Path folder) throws IOException {
        List<Path> found = new ArrayList<>();
        // Files come and go meanwhile.
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (read(file).contains(SECRET)) {
                    found.add(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) {
                return FileVisitResult.CONTINUE;
            }
        });
        assertThat(found).isEmpty();
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (java.nio.file.NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @Order(5)
    void theHistorySaysWhoAndWhatAndLeadsBack() {
        JsonNode changes = host.api().json(SCRIPTED + "/history").path("items");

        assertThat(changes).hasSize(4);
        assertThat(changes.path(0).path("values").path("greeting").asText()).isEqualTo("fourth");
        assertThat(changes.path(0).path("principal").asText()).isEqualTo("admin");
        assertThat(good(host.api().post(SCRIPTED + "/rollback?to=2", ""))
                        .path("version")
                        .asInt())
                .isEqualTo(5);
        awaitAnswer("scripted~live/greet", "second");
    }

    @Test
    @Order(6)
    void theHostsOwnSettingsChangeLive() {
        good(change("PATCH", CORE, "{\"defaultModel\":\"scripted~live/greet\",\"retries\":\"0\"}"));

        awaitAnswer("default", "second");
        assertThat(setting(CORE, "defaultModel").path("origin").asText()).isEqualTo("stored");
    }

    @Test
    @Order(7)
    void aKillAndARestartChangeNothing() throws Exception {
        host.kill();
        KEYS.clear();
        host.start();

        awaitAnswer("default", "second");
        awaitKey(SECRET);
        assertThat(KEYS).as("never without its key").containsOnly("Bearer " + SECRET);
        host.stop();
        host.start();
        awaitAnswer("default", "second");
        assertNowhereInClear(host.data());
    }

    @Test
    @Order(8)
    void aFileComesFirstAndThatIsSaid() throws IOException {
        String file = SharedHost.INSTANCE_PID + "-live";
        host.withSettings(file, "greeting = filed\n");
        awaitAnswer("scripted~live/greet", "filed");

        assertThat(setting(SCRIPTED, "greeting").path("source").asText()).isEqualTo("etc/" + file + ".cfg");
        assertThat(setting(SCRIPTED, "greeting").path("stored").asBoolean()).isTrue();
        HttpResponse<String> refused = change("PATCH", SCRIPTED, "{\"greeting\":\"sixth\"}");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("greeting is set by etc/" + file + ".cfg");
        good(change("PATCH", SCRIPTED, "{\"limit\":3}"));
        awaitAnswer("scripted~live/greet", "filed");

        Files.delete(host.home().resolve("etc").resolve(file + ".cfg"));
        awaitAnswer("scripted~live/greet", "second");
    }

    @Test
    @Order(9)
    void theShellAndTheCommandLineDoTheSame() throws Exception {
        try (Shell shell = host.shell()) {
            shell.run("llmgine:config-set " + SharedHost.INSTANCE_PID + "~live greeting=shell");
            awaitAnswer("scripted~live/greet", "shell");
            assertThat(shell.run("llmgine:config-show --no-format " + SharedHost.INSTANCE_PID + "~live"))
                    .contains("greeting")
                    .contains("shell");
            assertThat(shell.run("llmgine:configs --no-format")).contains("~live");
            assertThat(shell.run("llmgine:config-history " + SharedHost.INSTANCE_PID + "~live"))
                    .contains("greeting=shell");
        }
        String pid = SharedHost.INSTANCE_PID + "~live";
        assertThat(commandLine("config set " + pid + " greeting=typed")).contains("stored and in force");
        awaitAnswer("scripted~live/greet", "typed");
        assertThat(commandLine("config show " + pid)).containsPattern("greeting +typed +stored");
        assertThat(commandLine("config rollback " + pid)).contains("stored and in force");
        awaitAnswer("scripted~live/greet", "shell");
        assertThat(commandLine("config set " + OPENAI + " --secret apiKey", SECRET + "2\n"))
                .doesNotContain(SECRET);
        awaitKey(SECRET + "2");
    }

    private static String commandLine(String arguments) throws IOException, InterruptedException {
        return commandLine(arguments, "");
    }

    private static String commandLine(String arguments, String input) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                List.of("bash", "-c", host.home().resolve("bin/llmgine") + " " + arguments + " 2>&1"));
        builder.environment().put("LLMGINE_KEY", Host.ADMIN_KEY);
        builder.environment().put("LLMGINE_URL", host.uri().toString());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        try (var out = process.getOutputStream()) {
            out.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(printed).isZero();
        return printed;
    }

    @Test
    @Order(10)
    void whatIsRemovedIsGoneAndStaysSo() throws Exception {
        assertThat(good(change("DELETE", SCRIPTED, "")).path("removed").asBoolean())
                .isTrue();
        good(change("DELETE", CORE, ""));
        Until.holds(
                SOON,
                () -> "it is still there",
                () -> !host.api().get("/api/providers").body().contains("scripted~live"));
        host.kill();
        host.start();

        assertThat(host.api().get("/api/providers").body()).doesNotContain("scripted~live");
        assertThat(setting(CORE, "defaultModel").path("value").asText()).isEqualTo("offline/demo");
        assertThat(change("DELETE", SCRIPTED, "").statusCode()).isEqualTo(404);
    }
}
