package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The promise: whatever is replaced, no live stream notices. Each test leaves its host serving. */
final class HotSwapIT {
    private static final int STREAMS = 50;
    private static final String PID = SharedHost.INSTANCE_PID + "~main";

    private static Host host;
    private static long provider;
    private static long tool;
    private static long engine;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        host = SharedHost.unpackWithTestPlugins("hotswap")
                // Where no successor comes in time, that is the answer's status: no ping goes before.
                .withSettings("org.llmgine.http", "heartbeatMs = 60000\n")
                // Who stops a plugin waits for the streams to end.
                .withSettings(
                        "org.llmgine.core",
                        "drainTimeoutMs = 120000\ngapTimeoutMs = 600000\ndefaultModel = " + SharedHost.DEFAULT_MODEL
                                + "\n")
                .start();
        SharedHost.awaitTestPlugins(host);
        try (Shell shell = host.shell()) {
            engine = shell.install(Fixtures.echoEngine());
            provider = shell.bundle("org.llmgine.itest.provider.scripted");
            tool = shell.bundle("org.llmgine.itest.tool.stamp");
        }
    }

    @AfterAll
    static void stop() {
        host.close();
    }

    @BeforeEach
    void startFromTheFirstVersions() throws IOException {
        try (Shell shell = host.shell()) {
            shell.run("bundle:start " + provider);
            shell.run("bundle:update " + provider + " "
                    + Fixtures.scriptedProvider().toUri());
            shell.run("bundle:update " + tool + " " + Fixtures.stampTool().toUri());
        }
        SharedHost.awaitModel(host);
    }

    @Test
    void fiftyStreamsOutliveUpdatesOfOthersTwentyChangedSettingsAndTheirProvidersStop() throws Exception {
        int words = 400;
        try (Crowd<ChatStream.Answer> crowd = Crowd.of(
                        STREAMS,
                        () -> host.api()
                                .ask("engine/tool-chat", "tool-stamp+paced-100-20+gate-stopping+paced-300-20"));
                Shell shell = host.shell()) {
            awaitOpenStreams(STREAMS);
            update(shell, engine, Fixtures.echoEngine());
            update(shell, tool, Fixtures.stampTool());
            // Each by itself: of a burst File Install may read a former one back from the file.
            for (int i = 1; i <= 20; i++) {
                shell.run("config:property-set -p " + PID + " greeting change-" + i);
            }
            Until.holds(
                    Duration.ofSeconds(5),
                    () -> "the last setting does not hold",
                    () -> host.api().ask("scripted~main/greet", "").text().startsWith("change-20 "));
            assertThat(crowd.isDone())
                    .as("the streams ended before the provider was stopped")
                    .isFalse();
            host.open("stopping");
            shell.run("bundle:stop " + provider);

            assertThat(crowd.results())
                    .allMatch(ChatStream.Answer::isWhole)
                    .allSatisfy(answer -> assertThat(answer.deltas()).isEqualTo(Numbered.words(words)));
        }
        assertServedOrAskedToRetry(host.api().open("engine/tool-chat", "paced-1-0"));
    }

    @Test
    void anUpdatedProviderFinishesItsStreamsAndTheNextCallGetsTheSuccessor() throws Exception {
        try (Crowd<ChatStream.Answer> crowd =
                        Crowd.of(STREAMS, () -> host.api().ask("scripted~main/paced-600-20+greet", "go"));
                Shell shell = host.shell()) {
            awaitOpenStreams(STREAMS);
            try (Prober prober = new Prober(host, "scripted~main/greet")) {
                update(shell, provider, Fixtures.scriptedProvider());
                assertThat(crowd.results())
                        .allMatch(ChatStream.Answer::isWhole)
                        .allMatch(answer -> answer.deltas().getLast().endsWith(" 1.0.0.SNAPSHOT"));
                Until.holds(
                        Duration.ofSeconds(5),
                        () -> "no successor serves",
                        () -> host.api().ask("scripted~main/greet", "").text().endsWith(" 2.0.0"));
                assertThat(prober.unexpected()).isEmpty();
            }
        }
    }

    @Test
    void anUpdatedToolServesTheNextTurn() throws Exception {
        try (Shell shell = host.shell()) {
            assertThat(host.api().ask("engine/tool-chat", "tool-stamp+result").text())
                    .isEqualTo("stamp 1.0.0.SNAPSHOT");
            update(shell, tool, Fixtures.stampTool());
            assertThat(host.api().ask("engine/tool-chat", "tool-stamp+result").text())
                    .isEqualTo("stamp 2.0.0");
        }
    }

    @Test
    void aToolThatIsReplacedDuringItsCallsEndsThem() throws Exception {
        try (Crowd<ChatStream.Answer> crowd =
                        Crowd.of(8, () -> host.api().ask("engine/tool-chat", "tool-stamp-12000+result"));
                Shell shell = host.shell()) {
            Until.holds(Duration.ofSeconds(20), () -> "no calls", () -> inFlight("tools", "stamp") == 8);
            update(shell, tool, Fixtures.stampTool());

            assertThat(crowd.results())
                    .allMatch(ChatStream.Answer::isWhole)
                    .extracting(ChatStream.Answer::text)
                    .containsOnly("stamp 1.0.0.SNAPSHOT");
        }
    }

    @Test
    void aPluginThatIsStoppedWhileItStartsAndStartedWhileItStopsServesInTheEnd() throws Exception {
        try (Prober prober = new Prober(host, "scripted~main/paced-5-5")) {
            Callable<List<String>> starts = () -> repeat("bundle:start " + provider);
            Callable<List<String>> stops = () -> repeat("bundle:stop " + provider);
            try (Crowd<List<String>> starter = Crowd.of(1, starts);
                    Crowd<List<String>> stopper = Crowd.of(1, stops)) {
                starter.results();
                stopper.results();
            }
            try (Shell shell = host.shell()) {
                shell.run("bundle:start " + provider);
            }
            SharedHost.awaitModel(host);
            assertThat(prober.unexpected()).isEmpty();
            assertThat(prober.served()).isPositive();
        }
    }

    @Test
    void whereNoSuccessorComesTheCallerIsAskedToRetry() throws Exception {
        try (Shell shell = host.shell()) {
            shell.run("bundle:stop " + provider);
            try (ChatStream refused = host.api().open("scripted~main/greet", "")) {
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.header("Retry-After")).get().asString().matches("[1-9]\\d*");
            }
            shell.run("bundle:start " + provider);
        }
        SharedHost.awaitModel(host);
    }

    private static List<String> repeat(String command) throws IOException {
        List<String> answers = new ArrayList<>();
        try (Shell shell = host.shell()) {
            for (int i = 0; i < 10; i++) {
                answers.add(shell.tryRun(command));
            }
        }
        return answers;
    }

    private static void update(Shell shell, long bundle, Path jar) throws IOException {
        shell.run("bundle:update " + bundle + " "
                + Fixtures.asVersion(jar, "2.0.0").toUri());
    }

    private static void awaitOpenStreams(int count) {
        Until.holds(
                Duration.ofSeconds(20),
                () -> "not all streams run",
                () -> inFlight("providers", "scripted~main") >= count);
    }

    private static int inFlight(String kind, String name) {
        return host.api().instance(kind, name).path("inFlight").asInt();
    }

    private static void assertServedOrAskedToRetry(ChatStream stream) {
        try (stream) {
            assertThat(Prober.problemWith(stream)).isEmpty();
        }
    }
}
