package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.codahale.metrics.MetricRegistry;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.TimerEntry;
import org.llmgine.api.engine.Engine;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.ModelStarted;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.tool.Tool;
import org.llmgine.bus.Cancellation;
import org.llmgine.bus.DeadLetter;
import org.llmgine.bus.DeadLetters;
import org.llmgine.bus.EventReader;
import org.llmgine.bus.EventSelection;
import org.llmgine.bus.ShownEvent;
import org.llmgine.bus.StoredMessage;
import org.llmgine.bus.spi.DeadLetterStore;
import org.llmgine.bus.spi.StoredTimer;
import org.llmgine.bus.spi.TimerStore;
import org.llmgine.core.Commands;
import org.llmgine.core.command.AuditEntry;
import org.llmgine.core.command.Authenticate;
import org.llmgine.core.command.CancelTimer;
import org.llmgine.core.command.Command;
import org.llmgine.core.command.CreateKey;
import org.llmgine.core.command.DeadLetterPage;
import org.llmgine.core.command.FirstStart;
import org.llmgine.core.command.FollowEvents;
import org.llmgine.core.command.GetDeadLetter;
import org.llmgine.core.command.GetTimer;
import org.llmgine.core.command.InstanceEntry;
import org.llmgine.core.command.IssuedKey;
import org.llmgine.core.command.ListAudit;
import org.llmgine.core.command.ListDeadLetters;
import org.llmgine.core.command.ListInstances;
import org.llmgine.core.command.ListKeys;
import org.llmgine.core.command.ListModels;
import org.llmgine.core.command.ListTimers;
import org.llmgine.core.command.Login;
import org.llmgine.core.command.ModelEntry;
import org.llmgine.core.command.PurgeDeadLetter;
import org.llmgine.core.command.PurgeDeadLetters;
import org.llmgine.core.command.RestoreBackup;
import org.llmgine.core.command.RetryDeadLetter;
import org.llmgine.core.command.RetryDeadLetters;
import org.llmgine.core.command.RevokeKey;
import org.llmgine.core.command.RunTurn;
import org.llmgine.core.command.WriteBackup;
import org.llmgine.core.session.CreateSession;
import org.llmgine.core.session.FollowTurn;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionDraft;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.StartTurn;
import org.llmgine.core.session.TurnDraft;
import org.llmgine.core.session.TurnEnded;
import org.llmgine.core.session.TurnReader;
import org.llmgine.testkit.RecordingEmitter;
import org.llmgine.testkit.ScriptedStream;
import org.osgi.framework.Bundle;

/** The host in a real framework, with Declarative Services and Configuration Admin. */
class HostInFrameworkTest {
    private static final Principal OPERATOR = new Principal("ola", Set.of(Principal.OPERATOR));
    private static final Principal USER = new Principal("ann", Set.of(Principal.USER));

    @TempDir
    private Path folder;

    private TestFramework framework;
    private Bundle core;
    private Commands commands;

    @BeforeEach
    void start() throws Exception {
        TestPlugins.QueueProvider.STREAMS.clear();
        framework = new TestFramework(folder);
        framework.configure(CoreSettings.PID, Map.of("defaultModel", "queue/demo", "successorWaitMs", "60000"));
        core = framework.startCore();
        commands = framework.service(Commands.class);
    }

    @AfterEach
    void stop() throws Exception {
        framework.close();
    }

    @Test
    void theFirstStartMakesAnAdminWhoseKeysWork() throws Exception {
        FirstStart.Credentials made =
                commands.execute(new FirstStart(Principal.SYSTEM)).orElseThrow();

        assertThat(commands.execute(new FirstStart(Principal.SYSTEM))).isEmpty();
        Principal admin = authenticate(made.key().orElseThrow());
        assertThat(admin.has(Principal.ADMIN)).isTrue();
        Path cliKey = folder.resolve("data/cli.key");
        assertThat(authenticate(Files.readString(cliKey).strip())).isEqualTo(admin);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cliKey)))
                .isEqualTo("rw-------");
        String shortLived = commands.execute(
                        new Login(made.account(), made.password().orElseThrow()))
                .key();
        assertThat(authenticate(shortLived)).isEqualTo(admin);
        assertThat(commands.execute(new ListKeys(admin))).hasSize(3);
        String warmUp = commands.execute(
                        new CreateKey(Principal.SYSTEM, "system", "warm-up", Optional.of(Duration.ofMinutes(1))))
                .key();
        assertThat(authenticate(warmUp).has(Principal.USER)).isTrue();
        assertThatThrownBy(() -> commands.execute(new FirstStart(authenticate(warmUp))))
                .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.FORBIDDEN));
    }

    @Test
    void whatAnAdminChangesIsInTheAuditWithoutSecrets() {
        FirstStart.Credentials made =
                commands.execute(new FirstStart(Principal.SYSTEM)).orElseThrow();
        Principal admin = authenticate(made.key().orElseThrow());
        IssuedKey issued = commands.execute(new CreateKey(admin, made.account(), "ci", Optional.empty()));
        commands.execute(new Login(made.account(), made.password().orElseThrow()));
        commands.execute(new RevokeKey(admin, issued.keyId()));

        List<AuditEntry> audit = commands.execute(new ListAudit(admin, "", "", "", 9));

        assertThat(audit).extracting(AuditEntry::action).containsExactly("RevokeKey", "CreateKey");
        assertThat(audit.toString())
                .contains(issued.keyId())
                .doesNotContain(
                        issued.key(), made.key().orElseThrow(), made.password().orElseThrow());
    }

    @Test
    void aTurnRunsAndTheModelsAndInstancesAreListed() throws Exception {
        relay().start();
        provider("1.0.0").install().start();
        tool().start();

        RecordingEmitter emitter = new RecordingEmitter();
        run("default", emitter);

        assertThat(emitter.text()).isEqualTo("limit 5");
        assertThat(emitter.events().getFirst()).isEqualTo(new ModelStarted("queue/demo"));
        assertThat(emitter.events().getLast()).isEqualTo(new Finish("stop"));
        assertThat(commands.execute(new ListModels(Principal.SYSTEM)).stream().map(ModelEntry::id))
                .containsExactly("default", "queue/demo", "engine/single-pass");
        assertThat(instance(LlmginePlugin.PROVIDER, "queue"))
                .returns("active", InstanceEntry::state)
                .returns("1.0.0", InstanceEntry::version)
                .satisfies(entry -> assertThat(entry.figures()).containsEntry("calls", 1L));
        assertThat(instance(LlmginePlugin.TOOL, "add").tool().orElseThrow().description())
                .isEqualTo("Add two numbers.");
        assertThat(framework.service(MetricRegistry.class).getNames())
                .contains("llmgine_plugin_calls_total{kind=\"provider\",plugin=\"queue\",instance=\"queue\"}");
        assertThatThrownBy(() -> commands.execute(new ListInstances(Principal.SYSTEM, "toll")))
                .satisfies(e -> assertThat(((LlmgineException) e).hint()).contains("Did you mean 'tool'?"));
    }

    @Test
    void aTurnOfASessionRunsByItselfAndIsInterruptedWhenTheHostStops() throws Exception {
        relay().start();
        provider("1.0.0").install().start();
        SessionDraft draft = new SessionDraft(
                Optional.empty(),
                Optional.of("single-pass"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        Session session = commands.execute(new CreateSession(Principal.SYSTEM, draft, Optional.empty()));
        TurnDraft hello = new TurnDraft(List.of(new TextPart("Hello")), Optional.empty());
        SessionTurn first = commands.execute(new StartTurn(Principal.SYSTEM, session.id(), hello));
        assertThat(end(follow(first)).state()).isEqualTo(SessionTurn.COMPLETED);
        ScriptedStream slow = slowStream();
        TurnReader reader = follow(commands.execute(new StartTurn(Principal.SYSTEM, session.id(), hello)));
        slow.awaitWaiting();
        assertThat(framework.service(MetricRegistry.class).getNames())
                .contains("llmgine_sessions", "llmgine_session_turns_running");

        core.stop();

        SessionTurn interrupted = end(reader);
        assertThat(interrupted.state()).isEqualTo(SessionTurn.FAILED);
        assertThat(interrupted.failure().orElseThrow().code()).isEqualTo(ErrorCode.INTERRUPTED);
    }

    @Test
    void eventsAreFollowedByOperators() throws Exception {
        relay().start();
        provider("1.0.0").install().start();
        EventSelection turns = new EventSelection(List.of("llmgine/turn/*"), "", "");
        try (EventReader reader = commands.execute(new FollowEvents(OPERATOR, turns))) {
            run("default", new RecordingEmitter());

            assertThat(reader.next())
                    .isInstanceOfSatisfying(
                            ShownEvent.Told.class,
                            told -> assertThat(told)
                                    .returns("llmgine/turn/started", ShownEvent.Told::type)
                                    .returns(Principal.SYSTEM.name(), ShownEvent.Told::principal)
                                    .returns("org.llmgine.core", ShownEvent.Told::origin));
            assertThat(reader.next())
                    .isInstanceOfSatisfying(
                            ShownEvent.Told.class,
                            told -> assertThat(told.payload())
                                    .contains("\"state\":\"completed\"")
                                    .contains("\"usage\":{\"inputTokens\":1,"));
        }
        assertForbidden(new FollowEvents(USER, EventSelection.ALL));
    }

    @Test
    void noSecretIsSeenByWhoFollows() throws Exception {
        try (EventReader reader = commands.execute(new FollowEvents(OPERATOR, EventSelection.ALL))) {
            assertThatThrownBy(() -> commands.execute(new Login("admin", "opensesame")))
                    .isNotNull();
            assertThatThrownBy(() -> commands.execute(new Authenticate("llm_4711")))
                    .isNotNull();

            List<String> seen = new ArrayList<>();
            while (seen.stream().filter(event -> event.contains("/finished")).count() < 3) {
                seen.add(reader.next().toString());
            }
            assertThat(seen).anySatisfy(event -> assertThat(event).contains("Login"));
            assertThat(seen).noneMatch(event -> event.contains("opensesame") || event.contains("llm_4711"));
        }
    }

    @Test
    void timersAreListedReadAndCancelledByOperators() throws Exception {
        framework
                .service(TimerStore.class)
                .put(new StoredTimer(
                        "timer_1",
                        "night",
                        "gone",
                        "every PT1H",
                        letter("", "shop/night").message(),
                        Optional.empty(),
                        StoredTimer.Progress.first(Instant.parse("2999-01-01T00:00:00Z")),
                        Optional.empty()));

        TimerEntry made = commands.execute(new ListTimers(OPERATOR, "", 10)).getFirst();
        assertThat(made).returns("timer_1", TimerEntry::id).returns("shop/night", TimerEntry::type);
        assertThat(commands.execute(new ListTimers(OPERATOR, made.id(), 10))).isEmpty();
        assertThat(commands.execute(new GetTimer(OPERATOR, "night"))).isEqualTo(made);
        assertThat(commands.execute(new CancelTimer(OPERATOR, made.id()))).isEqualTo(made);

        for (Command<?> again : List.of(new CancelTimer(OPERATOR, "night"), new GetTimer(OPERATOR, "night"))) {
            assertThatThrownBy(() -> commands.execute(again))
                    .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.NOT_FOUND));
        }
        assertForbidden(new ListTimers(USER, "", 10));
        assertForbidden(new GetTimer(USER, "night"));
        assertForbidden(new CancelTimer(USER, "night"));
    }

    @Test
    void deadLettersAreReadRetriedAndPurgedByOperators() throws Exception {
        DeadLetterStore letters = framework.service(DeadLetterStore.class);
        letters.put(letter("dead_1", "shop/a"));
        letters.put(letter("dead_2", "shop/b"));
        letters.put(letter("dead_3", "shop/b"));

        DeadLetterPage page = commands.execute(new ListDeadLetters(OPERATOR, "shop/b", "", 1));
        assertThat(page.letters()).containsExactly(letter("dead_2", "shop/b"));
        assertThat(page.count()).isEqualTo(3);
        assertThat(commands.execute(new GetDeadLetter(OPERATOR, "dead_1"))).isEqualTo(letter("dead_1", "shop/a"));
        DeadLetters.Retried retried = commands.execute(new RetryDeadLetter(OPERATOR, "dead_1"));
        assertThat(retried.succeeded()).isFalse();
        assertThat(retried.error()).contains("isn't there");
        assertThat(commands.execute(new RetryDeadLetters(OPERATOR, "shop/b"))).hasSize(2);
        assertThat(commands.execute(new PurgeDeadLetter(OPERATOR, "dead_2")).id())
                .isEqualTo("dead_2");
        assertThatThrownBy(() -> commands.execute(new PurgeDeadLetter(OPERATOR, "dead_2")))
                .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.NOT_FOUND));
        assertThat(commands.execute(new PurgeDeadLetters(OPERATOR, ""))).isEqualTo(2);

        assertForbidden(new ListDeadLetters(USER, "", "", 1));
        assertForbidden(new GetDeadLetter(USER, "dead_1"));
        assertForbidden(new RetryDeadLetter(USER, "dead_1"));
        assertForbidden(new RetryDeadLetters(USER, ""));
        assertForbidden(new PurgeDeadLetter(USER, "dead_1"));
        assertForbidden(new PurgeDeadLetters(USER, ""));
    }

    private static DeadLetter letter(String id, String type) {
        StoredMessage message = new StoredMessage(
                StoredMessage.EVENT,
                type,
                1,
                "gone",
                "gone.Event",
                "{}",
                "",
                Principal.ANONYMOUS,
                Map.of(),
                "k",
                Optional.empty());
        return new DeadLetter(id, message, "", 1, "unavailable", "No.", Instant.EPOCH, Instant.EPOCH);
    }

    private void assertForbidden(Command<?> command) {
        assertThatThrownBy(() -> commands.execute(command))
                .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.FORBIDDEN));
    }

    private TurnReader follow(SessionTurn turn) {
        return commands.execute(new FollowTurn(Principal.SYSTEM, turn.session(), turn.id(), 0));
    }

    private static SessionTurn end(TurnReader reader) {
        while (true) {
            if (Objects.requireNonNull(reader.next()).event() instanceof TurnEnded ended) {
                return ended.turn();
            }
        }
    }

    @Test
    void aServiceWithoutTheCapabilityIsIgnored() throws Exception {
        provider("1.0.0").withoutCapability().install().start();

        assertThat(commands.execute(new ListInstances(Principal.SYSTEM, LlmginePlugin.PROVIDER)))
                .isEmpty();
    }

    @Test
    void aStoppingBundleWaitsForItsStreamWhileTheSuccessorServesNewCalls() throws Exception {
        relay().start();
        Bundle old = provider("1.0.0").install();
        old.start();
        ScriptedStream slow = slowStream();
        RecordingEmitter emitter = new RecordingEmitter();
        CompletableFuture<?> turn = async(() -> run("queue/demo", emitter));
        slow.awaitWaiting();

        CompletableFuture<?> stop = async(() -> stop(old));
        await(() -> states().equals(List.of("draining")));
        provider("2.0.0").install().start();
        RecordingEmitter next = new RecordingEmitter();
        run("queue/demo", next);

        assertThat(next.text()).isEqualTo("limit 5");
        assertThat(stop).isNotDone();
        slow.release();
        turn.get(10, TimeUnit.SECONDS);
        stop.get(10, TimeUnit.SECONDS);
        assertThat(emitter.text()).isEqualTo("beforeafter");
        assertThat(states()).containsExactly("active");
    }

    @Test
    void aCallWaitsForTheSuccessorOfABundleThatIsUpdated() throws Exception {
        relay().start();
        Bundle bundle = provider("1.0.0").install();
        bundle.start();
        bundle.stop();

        RecordingEmitter emitter = new RecordingEmitter();
        CompletableFuture<?> turn = async(() -> run("queue/demo", emitter));
        bundle.update(new java.io.ByteArrayInputStream(provider("1.1.0").bytes()));
        bundle.start();

        turn.get(60, TimeUnit.SECONDS);
        assertThat(emitter.text()).isEqualTo("limit 5");
        assertThat(instance(LlmginePlugin.PROVIDER, "queue").version()).isEqualTo("1.1.0");
    }

    @Test
    void aChangedSettingLetsAStreamEndOnTheFormerInstance() throws Exception {
        relay().start();
        provider("1.0.0").install().start();
        ScriptedStream slow = slowStream();
        RecordingEmitter emitter = new RecordingEmitter();
        CompletableFuture<?> turn = async(() -> run("queue/demo", emitter));
        slow.awaitWaiting();

        framework.configure("test.queue", Map.of("limit", 7));
        await(() -> states().equals(List.of("active", "draining")) || states().equals(List.of("draining", "active")));
        RecordingEmitter next = new RecordingEmitter();
        run("queue/demo", next);

        assertThat(next.text()).isEqualTo("limit 7");
        slow.release();
        turn.get(10, TimeUnit.SECONDS);
        assertThat(emitter.text()).isEqualTo("beforeafter");
    }

    @Test
    void aFactoryConfigurationMakesANamedInstance() throws Exception {
        relay().start();
        provider("1.0.0").install().start();
        framework.configure("test.queue~work", Map.of("limit", 3));
        await(() -> names().equals(List.of("queue~work")));

        RecordingEmitter emitter = new RecordingEmitter();
        run("queue~work/demo", emitter);

        assertThat(emitter.text()).isEqualTo("limit 3");
    }

    @Test
    void theInstanceNamedDefaultIsThePlainOne() throws Exception {
        relay().start();
        provider("1.0.0").install().start();
        framework.configure("test.queue~default", Map.of("limit", 3));
        await(() -> states().equals(List.of("active")) && "limit 3".equals(answer("queue/demo")));

        // The one before may still be let go.
        await(() -> names().equals(List.of("queue")));
    }

    @Test
    void aServiceMayNameItsInstanceAndTheHigherRankingServes() throws Exception {
        relay().start();
        provider("1.0.0").install().start();
        framework.configure("test.queue~work", Map.of("limit", 3));
        framework.configure(
                "test.queue~other", Map.of("limit", 4, LlmginePlugin.INSTANCE, "work", "service.ranking", -100));
        await(() -> names().equals(List.of("queue~work", "queue~work")));

        assertThat(answer("queue~work/demo")).isEqualTo("limit 3");
        assertThat(states()).containsExactlyInAnyOrder("active", "ready");
    }

    @Test
    void anInstanceWithABadSettingIsLeftOutAndReportedUntilItIsGood() throws Exception {
        relay().start();
        framework.configure("test.queue~work", Map.of("limit", 11));
        provider("1.0.0").withLimit().install().start();
        await(() -> names().equals(List.of("queue~work")));

        assertThat(instance(LlmginePlugin.PROVIDER, "queue~work"))
                .returns("failed", InstanceEntry::state)
                .returns(
                        Optional.of("The setting limit must be a whole number at least 1 and at most 10."),
                        InstanceEntry::problem);
        assertThatThrownBy(() -> run("queue~work/demo", new RecordingEmitter()))
                .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.UNAVAILABLE))
                .hasMessageContaining("limit must be");

        framework.configure("test.queue~work", Map.of("limit", "9"));
        await(() -> states().equals(List.of("active")));
        RecordingEmitter emitter = new RecordingEmitter();
        run("queue~work/demo", emitter);
        assertThat(emitter.text()).isEqualTo("limit 9");

        framework.configure("test.queue~work", Map.of("limit", "many"));
        await(() -> providers().stream().anyMatch(entry -> entry.problem().isPresent()));
        RecordingEmitter kept = new RecordingEmitter();
        run("queue~work/demo", kept);
        assertThat(kept.text()).isEqualTo("limit 9");
        // Who was called before may end his last call a moment later.
        await(() -> states().equals(List.of("active")));
    }

    @Test
    void aComponentThatTakesChangesWithoutARestartIsLeftOutAndTakenInAgain() throws Exception {
        relay().start();
        framework.configure("test.queue~work", Map.of("limit", 11));
        provider("1.0.0").withLimit().takingChanges().install().start();
        await(() -> states().equals(List.of("failed")));

        framework.configure("test.queue~work", Map.of("limit", 9));
        await(() -> states().equals(List.of("active")));
        long calls = calls();
        RecordingEmitter emitter = new RecordingEmitter();
        run("queue~work/demo", emitter);
        assertThat(emitter.text()).isEqualTo("limit 9");
        assertThat(calls()).isEqualTo(calls + 1);

        framework.configure("test.queue~work", Map.of("limit", 12));
        await(() -> providers().getFirst().problem().isPresent());
        assertThat(states()).containsExactly("active");
        framework.configure("test.queue~work", Map.of("limit", 8));
        await(() -> providers().getFirst().problem().isEmpty());
    }

    @Test
    void aProviderThatIsLeftAloneSaysForHowLongAndWhy() throws Exception {
        relay().start();
        provider("1.0.0").install().start();
        framework.configure(
                CoreSettings.PID,
                Map.of(
                        "defaultModel",
                        "queue/demo",
                        "aliases",
                        new String[] {"fast=queue/demo"},
                        "retries",
                        0,
                        "breakerFailures",
                        1,
                        "breakerDelayMs",
                        600_000));
        await(() -> commands.execute(new ListModels(Principal.SYSTEM)).stream()
                .anyMatch(entry -> entry.id().equals("fast")));
        TestPlugins.QueueProvider.STREAMS.add(
                new ScriptedStream().thenFail(new LlmgineException(ErrorCode.PROVIDER_ERROR, "The wire is cut.")));

        assertThat(providers().getFirst().problem()).isEmpty();
        assertThatThrownBy(() -> run("fast", new RecordingEmitter())).hasMessage("The wire is cut.");
        assertThatThrownBy(() -> run("fast", new RecordingEmitter()))
                .hasMessage("The provider 'queue' failed too often and is left alone for a while; the last failure:"
                        + " The wire is cut.");

        assertThat(states()).containsExactly("quarantined");
        assertThat(providers().getFirst().problem().orElseThrow())
                .matches("It failed too often and is left alone for [0-9]+ s; the last failure: The wire is cut\\.");
    }

    @Test
    void anInstanceWhoseComponentCanNotStartIsReported() throws Exception {
        Logger logger = Logger.getLogger(PluginTracker.class.getName());
        List<String> logged = new CopyOnWriteArrayList<>();
        logger.setFilter(entry -> logged.add(new SimpleFormatter().formatMessage(entry)));
        framework.configure("test.queue~work", Map.of("limit", "no number"));
        provider("1.0.0").install().start();

        await(() -> states().equals(List.of("failed")));
        assertThat(providers().getFirst().problem()).contains("It could not be started; the host's log has the cause.");
        framework.configure("test.queue~work", Map.of("limit", -1));
        await(() -> providers().stream()
                .anyMatch(entry -> entry.problem().equals(Optional.of("The setting limit must not be negative."))));
        logger.setFilter(null);
        assertThat(logged)
                .contains("The provider 'queue~work' of 'queue' is left out: The setting limit must not be negative.");
    }

    @Test
    void aToolThatCanNotBeDescribedIsReported() throws Exception {
        framework
                .plugin("odd", "1.0.0")
                .component(LlmginePlugin.TOOL, Tool.class, TestPlugins.OddTool.class)
                .install()
                .start();

        assertThat(instance(LlmginePlugin.TOOL, "odd").problem().orElseThrow())
                .contains("its arguments must be a record");
    }

    @Test
    void aStoppingBundleWaitsNoLongerThanTheDeadline() throws Exception {
        framework.configure(CoreSettings.PID, Map.of("drainTimeoutMs", 1, "defaultModel", "queue/x"));
        await(() -> commands.execute(new ListModels(Principal.SYSTEM))
                .getFirst()
                .target()
                .equals(Optional.of("queue/x")));
        relay().start();
        Bundle bundle = provider("1.0.0").install();
        bundle.start();
        ScriptedStream slow = slowStream();
        CompletableFuture<?> turn = async(() -> run("queue/demo", new RecordingEmitter()));
        slow.awaitWaiting();

        bundle.stop();

        assertThat(turn).isNotDone();
        slow.release();
        turn.get(10, TimeUnit.SECONDS);
    }

    @Test
    void coresOwnSettingsAreAppliedWhileItRunsAndBadOnesAreNot() throws Exception {
        relay().start();
        provider("1.0.0").install().start();
        framework.configure(
                CoreSettings.PID,
                Map.of("defaultModel", "nowhere/x", "aliases", new String[] {"fast=queue/demo"}, "retries", "lots"));
        await(() -> commands.execute(new ListModels(Principal.SYSTEM)).stream()
                .anyMatch(entry -> entry.id().equals("fast")));

        RecordingEmitter emitter = new RecordingEmitter();
        run("fast", emitter);
        assertThat(emitter.text()).isEqualTo("limit 5");
        assertThatThrownBy(() -> run("default", new RecordingEmitter()))
                .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.MODEL_NOT_FOUND));
        assertThat(framework.service(Commands.class)).isSameAs(commands);
    }

    @Test
    void aSettingThatIsBadFromTheStartLeavesTheDefault() throws Exception {
        framework.close();
        framework = new TestFramework(folder.resolve("second"));
        framework.configure(CoreSettings.PID, Map.of("toolThreads", "none", "successorWaitMs", -1));
        framework.startCore();

        assertThat(framework.service(Commands.class).execute(new ListModels(Principal.SYSTEM)))
                .singleElement()
                .returns(Optional.of("offline/demo"), ModelEntry::target);
    }

    @Test
    void backupsAreForAdmins() throws Exception {
        Principal admin = authenticate(commands.execute(new FirstStart(Principal.SYSTEM))
                .flatMap(FirstStart.Credentials::key)
                .orElseThrow());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Path file = folder.resolve("backup.zip");

        assertThat(commands.execute(new WriteBackup(admin, out))).isEqualTo(FakeBackups.REPORT);
        assertThat(commands.execute(new RestoreBackup(admin, file))).isEqualTo(FakeBackups.REPORT);

        assertThat(out).hasToString("backup");
        assertThat(framework.backups.restored).containsExactly(file);
        Principal operator = new Principal("bob", Set.of(Principal.OPERATOR));
        assertThatThrownBy(() -> commands.execute(new WriteBackup(operator, out)))
                .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.FORBIDDEN));
        assertThatThrownBy(() -> commands.execute(new RestoreBackup(operator, file)))
                .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.FORBIDDEN));
    }

    private TestFramework.PluginJar provider(String version) {
        return framework
                .plugin("queue", version)
                .component(LlmginePlugin.PROVIDER, ModelProvider.class, TestPlugins.QueueProvider.class);
    }

    private Bundle relay() throws Exception {
        return framework
                .plugin("single-pass", "1.0.0")
                .component(LlmginePlugin.ENGINE, Engine.class, TestPlugins.RelayEngine.class)
                .install();
    }

    private Bundle tool() throws Exception {
        return framework
                .plugin("adder", "1.0.0")
                .component(LlmginePlugin.TOOL, Tool.class, TestPlugins.AddTool.class)
                .install();
    }

    private static ScriptedStream slowStream() {
        ScriptedStream slow = new ScriptedStream()
                .then(new TextDelta("before"))
                .thenWait()
                .then(new TextDelta("after"))
                .then(new Finish(Finish.STOP));
        TestPlugins.QueueProvider.STREAMS.add(slow);
        return slow;
    }

    private void run(String model, RecordingEmitter emitter) {
        ModelRequest request = ModelRequest.builder(model)
                .messages(List.of(Message.user("Hello")))
                .build();
        commands.execute(new RunTurn(Principal.SYSTEM, request, emitter, new Cancellation()));
    }

    private String answer(String model) {
        RecordingEmitter emitter = new RecordingEmitter();
        run(model, emitter);
        return emitter.text();
    }

    private long calls() {
        return providers().getFirst().figures().getOrDefault("calls", -1).longValue();
    }

    private Principal authenticate(String key) {
        return commands.execute(new Authenticate(key)).principal();
    }

    private List<InstanceEntry> providers() {
        return commands.execute(new ListInstances(Principal.SYSTEM, LlmginePlugin.PROVIDER));
    }

    private List<String> states() {
        return providers().stream().map(InstanceEntry::state).toList();
    }

    private List<String> names() {
        return providers().stream().map(InstanceEntry::name).toList();
    }

    private InstanceEntry instance(String kind, String name) {
        return commands.execute(new ListInstances(Principal.SYSTEM, kind)).stream()
                .filter(entry -> entry.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static void stop(Bundle bundle) {
        try {
            bundle.stop();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static CompletableFuture<?> async(Runnable work) {
        return CompletableFuture.runAsync(work, Thread::startVirtualThread);
    }

    private static ErrorCode code(Throwable failure) {
        return ((LlmgineException) failure).code();
    }

    /** Wait for what the framework does on its own threads. */
    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("the deadline").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }
}
