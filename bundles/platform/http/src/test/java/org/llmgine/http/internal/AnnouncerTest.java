package org.llmgine.http.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.llmgine.api.Principal;
import org.llmgine.core.command.CreateKey;
import org.llmgine.core.command.FirstStart;
import org.llmgine.core.command.ModelEntry;
import org.llmgine.core.command.RunTurn;
import org.osgi.framework.Version;

@Timeout(60)
class AnnouncerTest {
    private final Printed printed = new Printed();
    private Host host;

    @BeforeEach
    void start() throws Exception {
        host = new Host(Map.of("readyTimeoutMs", 1), Map.of());
    }

    @AfterEach
    void stop() throws Exception {
        host.close();
    }

    @Test
    void aReadyHostIsWarmedAndAnnounced() throws Exception {
        good();
        host.commands.models = List.of(
                new ModelEntry("default", "llmgine", Optional.of("offline/demo"), Set.of(), OptionalInt.empty()),
                new ModelEntry("offline/demo", "offline", Optional.empty(), Set.of(), OptionalInt.empty()));
        host.commands.firstStart =
                Optional.of(new FirstStart.Credentials("admin", Optional.of("the-key"), Optional.of("the-password")));

        Announcer announcer = announcer(Path.of("/data/it's here"));
        announcer.bindRuntime(endpoint());
        String text = printed.next("Try it");

        assertThat(text)
                .contains(
                        "LLMgine is ready.",
                        "http://127.0.0.1:" + host.port + "/v1\n",
                        "/health/ready",
                        "/data/it's here")
                .contains("The account admin was made", "  key       the-key\n", "  password  the-password\n")
                .contains("curl -N http://127.0.0.1:" + host.port + "/v1/chat/completions -H \"Authorization: Bearer "
                        + "$(cat '/data/it'\\''s here/cli.key')\"")
                .contains("\"model\":\"default\",\"stream\":true");
        assertThat(host.readiness.health().ready()).isTrue();
        CreateKey key = host.commands.created.take();
        assertThat(key.principal()).isEqualTo(Principal.SYSTEM);
        assertThat(key.account()).isEqualTo("system");
        assertThat(key.lifetime()).isPresent();
        List<RunTurn> warmUp = new ArrayList<>(host.commands.turns);
        assertThat(warmUp).hasSize(8).allSatisfy(turn -> {
            assertThat(turn.request().model()).isEqualTo("offline/demo");
            assertThat(turn.principal().name()).isEqualTo("system");
        });
    }

    @Test
    void theLogIsToldWhatWasStarted() {
        Announcer announcer = announcer(Path.of("/data"));

        assertThat(announcer.started("http://127.0.0.1:8080", 3210))
                .isEqualTo("LLMgine 1.2.3 is ready at http://127.0.0.1:8080, 3.21 s after the process's start; its data"
                        + " is in /data.");
        announcer.deactivate();
    }

    @Test
    void anotherModelIsNotAskedForTheWarmUpAndALaterStartShowsNoSecret() throws Exception {
        good();

        Announcer announcer = announcer(Path.of("/data"));
        announcer.bindRuntime(Map.of("osgi.http.endpoint", "http://127.0.0.1:" + host.port + "/"));
        String text = printed.next("Try it");

        assertThat(text).contains("$(cat /data/cli.key)").doesNotContain("password", "first start");
        assertThat(host.commands.turns).isEmpty();
    }

    @Test
    void secretsThatTheOperatorSetAreNotShown() throws Exception {
        good();
        host.commands.firstStart = Optional.of(new FirstStart.Credentials("admin", Optional.empty(), Optional.empty()));

        announcer(Path.of("/data")).bindRuntime(endpoint());

        assertThat(printed.next("Try it"))
                .contains("The account admin was made, with the key and the password that you set.")
                .doesNotContain("shown only now");
    }

    @Test
    void whatIsMissingIsSaidOnceTheDeadlineHasPassed() throws Exception {
        host.context()
                .registerService(
                        HealthCheck.class,
                        () -> new Result(Result.Status.TEMPORARILY_UNAVAILABLE, "the provider is away"),
                        Host.properties(HealthCheck.NAME, "default model", HealthCheck.TAGS, "ready"));

        Announcer announcer = announcer(Path.of("/data"));
        String text = printed.next("not ready");
        announcer.deactivate();

        assertThat(text)
                .contains(
                        "default model: the provider is away",
                        "the HTTP service has not opened its port",
                        "goes on waiting");
        assertThat(host.readiness.health().ready()).isFalse();
    }

    @Test
    void aRuntimeThatGoesIsNotUsed() throws Exception {
        good();
        Announcer announcer = announcer(Path.of("/data"));
        announcer.unbindRuntime(endpoint());
        String text = printed.next("not ready");
        announcer.bindRuntime(Map.of("osgi.http.endpoint", new String[] {"http://127.0.0.1:1/"}));
        // The successor is bound before the former one goes.
        announcer.bindRuntime(endpoint());
        announcer.unbindRuntime(Map.of("osgi.http.endpoint", new String[] {"http://127.0.0.1:1/"}));

        assertThat(text).contains("has not opened its port");
        assertThat(printed.next("Try it")).contains(":" + host.port + "/v1");
    }

    @Test
    void theDataFolderIsFoundAsCoreFindsIt() {
        assertThat(Announcer.dataFolder(Map.of("llmgine.data", "/a", "karaf.data", "/b")::get))
                .isEqualTo(Path.of("/a"));
        assertThat(Announcer.dataFolder(Map.of("llmgine.data", " ", "karaf.data", "/b")::get))
                .isEqualTo(Path.of("/b"));
        assertThatThrownBy(() -> Announcer.dataFolder(name -> null)).hasMessageContaining("llmgine.data");
    }

    private Announcer announcer(Path data) {
        return new Announcer(
                host.commands,
                host.settings,
                host.readiness,
                new TlsListener(() -> {}, Host.tls(Map.of()), host.connections, host.timer, name -> null),
                data,
                new Version("1.2.3"),
                new PrintStream(printed, true, StandardCharsets.UTF_8));
    }

    private void good() {
        host.context()
                .registerService(
                        HealthCheck.class,
                        () -> new Result(Result.Status.OK, "well"),
                        Host.properties(HealthCheck.NAME, "default model", HealthCheck.TAGS, "ready"));
    }

    private Map<String, Object> endpoint() {
        return Map.of("osgi.http.endpoint", new String[] {
            "http://[fd00:0:0:0:0:0:0:2%eth0]:" + host.port + "/", "http://127.0.0.1:" + host.port + "/"
        });
    }

    /** What is printed, flush by flush. */
    private static final class Printed extends ByteArrayOutputStream {
        private final BlockingQueue<String> texts = new LinkedBlockingQueue<>();

        @Override
        public synchronized void flush() {
            if (count > 0) {
                texts.add(toString(StandardCharsets.UTF_8));
                reset();
            }
        }

        /** Wait for the text that contains something; the texts before it are dropped. */
        String next(String part) throws InterruptedException {
            StringBuilder seen = new StringBuilder();
            while (true) {
                String text = texts.poll(30, TimeUnit.SECONDS);
                assertThat(text).describedAs("after: %s", seen).isNotNull();
                seen.append(text);
                if (seen.toString().contains(part)) {
                    return seen.toString();
                }
            }
        }
    }
}
