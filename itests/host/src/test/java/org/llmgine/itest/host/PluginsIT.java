package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The life of a plugin over HTTP. Each test goes on where the one before it ended: that is a life, too. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class PluginsIT {
    private static final String JSON = "application/json";
    private static final int STREAMS = 20;
    private static final int WORDS = 150;
    private static final String SCRIPT = "paced-100-20+gate-upgraded+paced-50-0";

    private static Host host;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        host = Host.unpack("plugins")
                .withSettings(SharedHost.INSTANCE_PID + "-main", "greeting = hello\n")
                .withSettings("org.llmgine.plugins", "watchMs = 2000\n")
                .withSettings("org.llmgine.core", "gapTimeoutMs = 600000\n")
                .withPlugin(Fixtures.stampTool())
                .start();
    }

    @AfterAll
    static void stop() {
        host.close();
    }

    @Test
    @Order(1)
    void thePluginsOfTheDistributionAreManaged() {
        Until.holds(
                Duration.ofSeconds(20),
                () -> "there are " + ids(),
                () -> ids().containsAll(List.of("calculator", "clock", "offline", "openai", "single-pass", "tool-chat"))
                        && plugin("clock")
                                .path("versions")
                                .path(0)
                                .path("state")
                                .asText()
                                .equals("active"));
        // It lay in the deploy folder before the very first start.
        Until.holds(
                Duration.ofSeconds(20),
                () -> "there are " + ids(),
                () -> ids().contains("stamp")
                        && plugin("stamp")
                                .path("versions")
                                .path(0)
                                .path("source")
                                .asText()
                                .startsWith("deploy:"));
    }

    @Test
    @Order(2)
    void aDryRunChangesNothing() throws IOException {
        HttpResponse<String> answer = host.api().upload("/api/plugins?dryRun=true", provider("1.0.1"), JSON);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(Api.parse(answer.body()).path("installed").asBoolean()).isFalse();
        assertThat(Api.parse(answer.body()).path("checks"))
                .isNotEmpty()
                .allMatch(check -> check.path("passed").asBoolean());
        assertThat(ids()).doesNotContain("scripted");
    }

    @Test
    @Order(3)
    void aJarIsUploadedAndServesAtOnce() throws IOException {
        HttpResponse<String> answer = host.api().upload("/api/plugins", provider("1.0.1"), "text/event-stream");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body().lines().filter(line -> line.startsWith("event: ")))
                .startsWith("event: step")
                .endsWith("event: done");
        assertThat(answer.body()).contains("\"state\":\"ready\"").contains("\"state\":\"active\"");
        assertThat(host.api().ask("scripted~main/greet", "").text()).startsWith("hello");
    }

    @Test
    @Order(4)
    void streamsLiveThroughUpgradesAndRollbacks() throws Exception {
        try (Crowd<ChatStream.Answer> crowd =
                Crowd.of(STREAMS, () -> host.api().ask("scripted~main/" + SCRIPT, "go"))) {
            Until.holds(
                    Duration.ofSeconds(10),
                    () -> "not all streams run",
                    () -> host.journal().open(SCRIPT) == STREAMS);
            upgrade("1.1.0");
            assertThat(host.api().ask("scripted~main/greet", "").isWhole()).isTrue();
            upgrade("1.2.0");
            HttpResponse<String> back = changed("POST", "/rollback");
            assertThat(Api.parse(back.body()).path("active").asText()).isEqualTo("1.1.0");
            changed("POST", "/rollback?version=1.2.0");
            assertThat(host.api().ask("scripted~main/greet", "").isWhole()).isTrue();
            assertThat(crowd.isDone())
                    .as("the streams ended before the upgrades")
                    .isFalse();
            host.open("upgraded");

            assertThat(crowd.results())
                    .allMatch(ChatStream.Answer::isWhole)
                    .allSatisfy(answer -> assertThat(answer.deltas()).isEqualTo(Numbered.words(WORDS)));
        }
        assertThat(active()).isEqualTo("1.2.0");
    }

    @Test
    @Order(5)
    void theSameVersionWithOtherContentIsRefused() throws IOException {
        Path other = Files.copy(
                provider("1.2.0"), Fixtures.TARGET.resolve("other.jar"), StandardCopyOption.REPLACE_EXISTING);
        Files.write(other, new byte[] {0}, StandardOpenOption.APPEND);

        HttpResponse<String> answer = host.api().upload("/api/plugins", other, JSON);

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body()).contains("plugin_refused").contains("Raise its Bundle-Version");
        assertThat(active()).isEqualTo("1.2.0");
    }

    @Test
    @Order(6)
    void whatIsNoPluginIsRefusedInASentence() throws IOException {
        Path text = Files.writeString(Fixtures.TARGET.resolve("text.jar"), "hello");

        HttpResponse<String> answer = host.api().upload("/api/plugins", text, JSON);

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body()).contains("not a jar").doesNotContain("Exception");
        assertThat(host.api().post("/api/plugins", "{\"url\":\"ftp://x\"}").statusCode())
                .isEqualTo(400);
        assertThat(host.api().post("/api/plugins", "{}").statusCode()).isEqualTo(400);
        assertThat(host.api()
                        .upload("/api/plugins?sha256=00", provider("1.3.0"), JSON)
                        .statusCode())
                .isEqualTo(422);
        assertThat(host.api().get("/api/plugins/nobody").statusCode()).isEqualTo(404);
    }

    @Test
    @Order(7)
    void aPluginIsSwitchedOffAndOn() {
        // Nobody has to wait for a successor that doesn't come.
        host.api().set("org.llmgine.core", "successorWaitMs", "500");
        changed("POST", "/disable");
        assertThat(host.api().askWhole("scripted~main/greet", "").statusCode()).isIn(404, 503);
        assertThat(plugin("scripted").path("enabled").asBoolean()).isFalse();
        host.api().set("org.llmgine.core", "successorWaitMs", "null");

        changed("POST", "/enable");
        assertThat(host.api().ask("scripted~main/greet", "").isWhole()).isTrue();
    }

    @Test
    @Order(8)
    void theActiveVersionOutlivesAKillAndARestart() throws Exception {
        host.kill();
        host.start();
        SharedHost.awaitModel(host);
        assertThat(active()).isEqualTo("1.2.0");
        host.stop();
        host.start();
        SharedHost.awaitModel(host);
        assertThat(active()).isEqualTo("1.2.0");
        assertThat(plugin("clock").path("versions")).hasSize(1);
    }

    @Test
    @Order(9)
    void aPluginOfAFeatureIsReplacedForGood() throws IOException {
        Path clock = host.home()
                .resolve(
                        "system/org/llmgine/org.llmgine.tool.clock/1.0.0-SNAPSHOT/org.llmgine.tool.clock-1.0.0-SNAPSHOT.jar");
        uploaded("/api/plugins", Fixtures.asVersion(clock, "1.0.1"));
        try (Shell shell = host.shell()) {
            Until.holds(
                    Duration.ofSeconds(60),
                    () -> "the former version is still there: " + shell.tryRun("bundle:list -s"),
                    () -> !shell.run("feature:list -i").contains("llmgine-tool-clock"));
            shell.run("feature:install scr");
            assertThat(shell.run("bundle:list -s"))
                    .contains("org.llmgine.tool.clock")
                    .doesNotContain("llmgine.tool.clock │ 1.0.0.SNAPSHOT");
        }
        assertThat(plugin("clock").path("active").asText()).isEqualTo("1.0.1");
    }

    @Test
    @Order(10)
    void aPluginIsRemoved() {
        changed("DELETE", "");
        assertThat(ids()).doesNotContain("scripted");
        try (Shell shell = host.shell()) {
            Until.holds(
                    Duration.ofSeconds(20),
                    () -> "its bundle is still there",
                    () -> !shell.run("bundle:list -s").contains("itest.provider.scripted"));
        }
    }

    @Test
    @Order(11)
    void theDeployFolderIsFollowed() throws IOException {
        Path first = deploy("1.3.0");
        awaitActive("1.3.0");
        Path older = deploy("1.2.5");
        Path second = deploy("1.4.0");
        awaitActive("1.4.0");
        assertThat(plugin("scripted").path("versions").findValuesAsText("version"))
                .containsExactly("1.4.0", "1.3.0");

        Files.delete(second);
        awaitActive("1.3.0");
        Files.delete(older);
        Files.delete(first);
        Until.holds(Duration.ofSeconds(20), () -> "it is still there", () -> !ids().contains("scripted"));
    }

    @Test
    @Order(12)
    void whoFollowsAPluginIsToldOfEachStepOfItsChanges() throws IOException {
        upgrade("1.5.0");
        try (InputStream events =
                        host.api().follow("/api/plugins/scripted/events", "").body();
                BufferedReader lines = new BufferedReader(new InputStreamReader(events, StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).isEqualTo(": events");
            upgrade("1.6.0");

            List<String> states = new ArrayList<>();
            while (!states.contains("active")) {
                String line = lines.readLine();
                if (line.startsWith("data: ")) {
                    JsonNode change =
                            Api.parse(line.substring("data: ".length())).path("payload");
                    // Former versions are still being taken out.
                    if (change.path("version").asText().equals("1.6.0")) {
                        states.add(change.path("state").asText());
                    }
                }
            }
            assertThat(states).containsExactly("installed", "starting", "ready", "active");
        }
    }

    @Test
    @Order(13)
    void anUpgradeTakesTheSamePluginOnly() throws IOException {
        HttpResponse<String> other =
                host.api().upload("/api/plugins/clock/upgrade?dryRun=true", provider("1.7.0"), JSON);
        assertThat(other.statusCode()).isEqualTo(200);
        assertThat(other.body()).contains("It is the plugin scripted and not org.llmgine.tool.clock.");
        assertThat(host.api()
                        .upload("/api/plugins/clock/upgrade", provider("1.7.0"), JSON)
                        .statusCode())
                .isEqualTo(422);

        uploaded("/api/plugins/scripted/upgrade", provider("1.7.0"));
        assertThat(active()).isEqualTo("1.7.0");
        HttpResponse<String> offered = host.api().call("POST", "/api/plugins/calculator/upgrade?dryRun=true", "");
        assertThat(offered.statusCode()).as(offered.body()).isEqualTo(200);
        assertThat(Api.parse(offered.body()).path("id").asText()).isEqualTo("calculator");
    }

    @Test
    @Order(14)
    void changesOfOnePluginComeOneAfterTheOther() throws Exception {
        List<Path> jars = new ArrayList<>();
        for (String version : List.of("1.0.1", "1.0.2", "1.0.3", "1.0.4")) {
            jars.add(Fixtures.asVersion(Fixtures.greeterTool(), version));
        }
        AtomicInteger next = new AtomicInteger();
        try (Crowd<HttpResponse<String>> crowd = Crowd.of(
                jars.size(), () -> host.api().upload("/api/plugins", jars.get(next.getAndIncrement()), JSON))) {
            assertThat(crowd.results())
                    .allSatisfy(answer ->
                            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200));
        }
        assertThat(plugin("greeter").path("versions")).hasSize(jars.size());
        for (Path jar : jars) {
            HttpResponse<String> removed = host.api().call("DELETE", "/api/plugins/greeter", "");
            assertThat(removed.statusCode()).as(removed.body()).isEqualTo(200);
            assertThat(ids()).doesNotContain("greeter");
            uploaded("/api/plugins", jar);
        }
        host.api().call("DELETE", "/api/plugins/greeter", "");
    }

    @Test
    @Order(15)
    void ofTwoPluginsThatWantOneIdAtOnceOneIsRefused() throws Exception {
        List<Path> jars =
                List.of(greeter("example.one", "greeter", "1.0.0"), greeter("example.two", "greeter", "1.0.0"));
        List<String> kept = keptJars();
        for (int round = 0; round < 5; round++) {
            Queue<Path> left = new ConcurrentLinkedQueue<>(jars);
            try (Crowd<HttpResponse<String>> crowd =
                    Crowd.of(jars.size(), () -> host.api().upload("/api/plugins", left.remove(), JSON))) {
                assertThat(crowd.results()).extracting(HttpResponse::statusCode).containsExactlyInAnyOrder(200, 422);
                assertThat(crowd.results())
                        .anySatisfy(answer ->
                                assertThat(answer.body()).contains("The id 'greeter' belongs to the plugin example."));
            }
            assertThat(host.api().call("DELETE", "/api/plugins/greeter", "").statusCode())
                    .isEqualTo(200);
            assertThat(kept).containsAll(keptJars());
        }
    }

    private static List<String> keptJars() {
        return List.of(Objects.requireNonNull(
                host.data().resolve("plugins/jars").toFile().list()));
    }

    @Test
    @Order(16)
    void anUpgradeDoesNotBringARemovedPluginBack() throws Exception {
        Path jar = Fixtures.asVersion(Fixtures.greeterTool(), "1.0.1");
        Path next = Fixtures.asVersion(Fixtures.greeterTool(), "1.0.2");
        for (int round = 0; round < 5; round++) {
            uploaded("/api/plugins", jar);
            try (Crowd<HttpResponse<String>> upgrade =
                    Crowd.of(1, () -> host.api().upload("/api/plugins/greeter/upgrade", next, JSON))) {
                HttpResponse<String> removed = host.api().call("DELETE", "/api/plugins/greeter", "");
                assertThat(removed.statusCode()).as(removed.body()).isEqualTo(200);
                assertThat(upgrade.results())
                        .allSatisfy(answer -> assertThat(answer.statusCode())
                                .as(answer.body())
                                .isIn(200, 404));
            }
            assertThat(ids()).doesNotContain("greeter");
        }
    }

    @Test
    @Order(17)
    void anIdLeadsToOnePluginOnly() throws Exception {
        HttpResponse<String> named = host.api().upload("/api/plugins", greeter("clock", "zebra", "1.0.0"), JSON);
        assertThat(named.statusCode()).as(named.body()).isEqualTo(422);
        assertThat(named.body())
                .contains("The symbolic name 'clock' is the id of the plugin org.llmgine.tool.clock. Remove that one");
        HttpResponse<String> identified =
                host.api().upload("/api/plugins", greeter("example.a", "org.llmgine.tool.clock", "1.0.0"), JSON);
        assertThat(identified.statusCode()).as(identified.body()).isEqualTo(422);

        uploaded("/api/plugins", greeter("example.a", "aaa", "1.0.0"));
        uploaded("/api/plugins", greeter("example.a", "bbb", "2.0.0"));
        uploaded("/api/plugins", greeter("example.b", "aaa", "1.0.0"));
        HttpResponse<String> back = host.api().call("POST", "/api/plugins/bbb/rollback", "");
        assertThat(back.statusCode()).as(back.body()).isEqualTo(422);
        assertThat(back.body()).contains("The id 'aaa' belongs to the plugin example.b.");
        assertThat(ids()).contains("aaa", "bbb");
        host.api().call("DELETE", "/api/plugins/aaa", "");
        host.api().call("DELETE", "/api/plugins/bbb", "");
    }

    private static Path greeter(String symbolicName, String id, String version) throws IOException {
        return PluginBuilder.greeter(version)
                .header("Bundle-SymbolicName", symbolicName)
                .header("Provide-Capability", "org.llmgine.plugin;id=\"" + id + "\";kind=\"tool\"")
                .change(
                        "GreetTool",
                        text -> text.replace("\"greet\"", "\"" + (symbolicName + "_" + id).replace('.', '_') + "\""))
                .build(symbolicName + "-" + version);
    }

    private static Path deploy(String version) throws IOException {
        Path jar = provider(version);
        return Files.copy(jar, host.data().resolve("deploy").resolve(jar.getFileName()));
    }

    private static void awaitActive(String version) {
        Until.holds(
                Duration.ofSeconds(20),
                () -> "it is not active: "
                        + host.api().get("/api/plugins/scripted").body(),
                () -> active().equals(version));
    }

    private static void upgrade(String version) throws IOException {
        uploaded("/api/plugins", provider(version));
        assertThat(active()).isEqualTo(version);
    }

    /** Send a jar that must be taken. */
    private static void uploaded(String path, Path jar) {
        HttpResponse<String> answer = host.api().upload(path, jar, JSON);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    /** Make a change of the plugin that must be made, and return the answer. */
    private static HttpResponse<String> changed(String method, String path) {
        HttpResponse<String> answer = host.api().call(method, "/api/plugins/scripted" + path, "");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer;
    }

    private static Path provider(String version) throws IOException {
        return Fixtures.asVersion(Fixtures.scriptedProvider(), version);
    }

    private static JsonNode plugin(String id) {
        return host.api().json("/api/plugins/" + id);
    }

    private static String active() {
        return plugin("scripted").path("active").asText();
    }

    private static List<String> ids() {
        List<String> ids = new ArrayList<>();
        StreamSupport.stream(host.api().json("/api/plugins").path("items").spliterator(), false)
                .forEach(plugin -> ids.add(plugin.path("id").asText()));
        return ids;
    }
}
