package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Looks at the bus of a real host through HTTP, the command line and Karaf's shell. */
@ExtendWith(SharedHost.class)
final class BusFacesIT {
    private static final String PID = "org.llmgine.itest.bus.faulty";
    private static final String TYPE = "itest/faulty/tick";
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    private Path state;

    /** What a command left behind. */
    private record Run(int code, String out, String err) {}

    private ProcessBuilder llmgine(Host host, String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(host.home().resolve("bin/llmgine").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("LLMGINE_URL", host.uri().toString());
        builder.environment().put("LLMGINE_KEY", Host.ADMIN_KEY);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("XDG_STATE_HOME", state.toString());
        return builder;
    }

    private Run run(Host host, String... arguments) throws IOException, InterruptedException {
        Path err = state.resolve("err");
        Process process = llmgine(host, arguments).redirectError(err.toFile()).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), out, Files.readString(err));
    }

    /** Read the stream's events until one of a type comes. */
    private static JsonNode await(ChatStream events, String type) {
        while (true) {
            String line = events.next().orElseThrow();
            if (line.startsWith("data: ")) {
                JsonNode event = Api.parse(line.substring("data: ".length()));
                if (event.path("type").asText().equals(type)) {
                    return event;
                }
            }
        }
    }

    @Test
    void aSessionsTurnIsWatchedLive(Host host) {
        TestSession session = TestSession.create(host.api(), "{\"engine\":\"tool-chat\",\"model\":\"offline/demo\"}");
        try (ChatStream events =
                new ChatStream(host.api().follow("/api/events?topic=llmgine/*&session=" + session.id(), ""))) {
            assertThat(events.next()).hasValue(": events");

            JsonNode answer = session.finish("\"prompt\":\"What is 17*23?\"");

            String turn = answer.path("turn").path("id").asText();
            JsonNode started = await(events, "llmgine/turn/started");
            assertThat(started.path("payload").path("turn").asText()).isEqualTo(turn);
            assertThat(started.path("session").asText()).isEqualTo(session.id());
            assertThat(started.path("principal").asText()).isEqualTo("admin");
            assertThat(started.path("origin").asText()).isEqualTo("org.llmgine.core");
            JsonNode called = await(events, "llmgine/tool/called").path("payload");
            assertThat(called.path("tool").asText()).isEqualTo("calculator");
            assertThat(called.path("ok").asBoolean()).isTrue();
            JsonNode ended = await(events, "llmgine/turn/ended").path("payload");
            assertThat(ended.path("state").asText()).isEqualTo("completed");
            assertThat(ended.path("model").asText()).isEqualTo("offline/demo");
            assertThat(ended.path("usage").path("inputTokens").asLong()).isPositive();
        }
    }

    @Test
    void theCommandLineFollowsUntilItIsInterrupted(Host host) throws Exception {
        ProcessBuilder command = llmgine(host, "events", "--json", "--topic", "llmgine/turn/*");
        // A test that runs in the background of a shell has been told to ignore the signal.
        List<String> line = new ArrayList<>(List.of("env", "--default-signal=INT"));
        line.addAll(command.command());
        Process events = command.command(line).redirectErrorStream(true).start();
        try (var lines = events.inputReader()) {
            // It says nothing before the first event: ask until it has come.
            Until.holds(LIMIT, () -> "no event came", () -> {
                host.api().askWhole("offline/demo", "Hello");
                return lines.ready();
            });
            assertThat(lines.readLine()).startsWith("{\"id\":\"").contains("\"type\":\"llmgine/turn/");
            new ProcessBuilder("kill", "-INT", Long.toString(events.pid()))
                    .start()
                    .waitFor();

            assertThat(events.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(events.exitValue()).isZero();
        } finally {
            events.destroyForcibly();
        }
    }

    @Test
    void onlyOperatorsAskAndWhatIsWrongIsNamed(Host host) {
        for (String path : List.of("/api/events", "/api/dead-letters", "/api/timers", "/api/audit")) {
            assertThat(host.api("").get(path).statusCode()).isEqualTo(401);
            assertThat(host.api().get(path + "?odd=1").body()).contains("\"field\":\"odd\"");
        }
        assertThat(host.api().get("/api/events?topic=a//b").body()).contains("\"field\":\"topic\"");
    }

    @Test
    void deadLettersAndTimersAreManagedByEveryFace() throws Exception {
        try (Host host = SharedHost.unpackWithTestPlugins("bus-faces")
                .withPlugin(Fixtures.faultyBus())
                .withSettings(PID, "fails = true\n")
                .withSettings(
                        "org.llmgine.bus.policy-itest", "types = itest/faulty/*\nretries = 0\nbreakerFailures = 0\n")
                .start()) {
            Until.holds(
                    LIMIT,
                    () -> "no dead letter in " + host.api().json("/api/dead-letters"),
                    () -> host.api().json("/api/dead-letters").path("count").asInt() > 1);
            JsonNode letter = host.api()
                    .json("/api/dead-letters?limit=1&type=" + TYPE)
                    .path("items")
                    .path(0);
            String id = letter.path("id").asText();
            assertThat(letter.path("kind").asText()).isEqualTo("command");
            assertThat(letter.path("payload").path("what").asText()).isEqualTo("tock");
            assertThat(letter.path("errorCode").asText()).isEqualTo("plugin_failed");
            assertThat(host.api().json("/api/dead-letters/" + id).path("id").asText())
                    .isEqualTo(id);
            assertThat(run(host, "dead-letters").out()).contains(id).contains(TYPE);

            Run again = run(host, "dead-letters", "retry", id);
            assertThat(again.code()).isEqualTo(1);
            assertThat(again.out()).startsWith(id + " failed: ");

            host.withSettings(PID, "fails = false\n");
            try (ChatStream events = new ChatStream(host.api().follow("/api/events?topic=itest/*", ""))) {
                JsonNode ticked = await(events, "itest/faulty/ticked");
                assertThat(ticked.path("payload").path("what").asText()).isEqualTo("tock");
                assertThat(ticked.path("origin").asText()).isEqualTo(PID);
            }
            assertThat(Api.parse(host.api()
                                    .call("POST", "/api/dead-letters/" + id + "/retry", "")
                                    .body())
                            .path("succeeded")
                            .asBoolean())
                    .isTrue();
            assertThat(host.api().get("/api/dead-letters/" + id).statusCode()).isEqualTo(404);
            assertThat(host.api().call("DELETE", "/api/dead-letters", "").statusCode())
                    .isEqualTo(400);
            assertThat(run(host, "dead-letters", "purge", "--type", TYPE).out()).startsWith("Purged ");
            assertThat(host.api().json("/api/dead-letters").path("count").asInt())
                    .isZero();

            JsonNode timer = host.api().json("/api/timers").path("items").path(0);
            assertThat(timer.path("name").asText()).isEqualTo("itest/tick");
            assertThat(timer.path("lastRun").asText()).isNotEmpty();
            assertThat(run(host, "timers").out()).contains("itest/tick").contains(TYPE);
            try (Shell shell = host.shell()) {
                assertThat(shell.run("llmgine:timers")).contains("itest/tick");
                assertThat(shell.run("llmgine:dead-letters")).contains("There is no dead letter.");
                assertThat(shell.run("llmgine:timer-cancel itest/tick")).contains("Cancelled itest/tick");
            }
            assertThat(host.api().json("/api/timers").path("items")).isEmpty();
            assertThat(run(host, "timers", "cancel", "itest/tick").code()).isEqualTo(1);

            assertThat(host.api().json("/api/audit?action=CancelTimer").findValuesAsText("outcome"))
                    .contains("ok", "not_found");
            assertThat(run(host, "audit", "--principal", "admin").out())
                    .contains("PurgeDeadLetters")
                    .contains("RetryDeadLetter");
        }
    }
}
