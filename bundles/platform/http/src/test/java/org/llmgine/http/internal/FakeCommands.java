package org.llmgine.http.internal;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.engine.TurnEmitter;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.Usage;
import org.llmgine.api.tool.ToolSpec;
import org.llmgine.core.Commands;
import org.llmgine.core.command.Authenticate;
import org.llmgine.core.command.Authenticated;
import org.llmgine.core.command.BackupReport;
import org.llmgine.core.command.Command;
import org.llmgine.core.command.CreateKey;
import org.llmgine.core.command.FirstStart;
import org.llmgine.core.command.FollowLogs;
import org.llmgine.core.command.InstanceEntry;
import org.llmgine.core.command.IssuedKey;
import org.llmgine.core.command.KeyEntry;
import org.llmgine.core.command.ListInstances;
import org.llmgine.core.command.ListKeys;
import org.llmgine.core.command.ListModels;
import org.llmgine.core.command.LogFilter;
import org.llmgine.core.command.LogLine;
import org.llmgine.core.command.LogReader;
import org.llmgine.core.command.Login;
import org.llmgine.core.command.ModelEntry;
import org.llmgine.core.command.ReadLogs;
import org.llmgine.core.command.ResolveModel;
import org.llmgine.core.command.RestoreBackup;
import org.llmgine.core.command.RevokeKey;
import org.llmgine.core.command.RunTurn;
import org.llmgine.core.command.TurnSummary;
import org.llmgine.core.command.WriteBackup;

/** A host that does what the test says. */
final class FakeCommands implements Commands {
    static final String KEY = "test-key-test-key";

    /** How a turn runs. */
    @FunctionalInterface
    interface TurnScript {
        TurnSummary run(RunTurn turn) throws Exception;
    }

    static final TurnScript HELLO = turn -> {
        turn.emitter().emit(new TextDelta("Hello"));
        return summary("stop");
    };

    static final Instant CREATED = Instant.parse("2026-11-22T10:00:00Z");
    static final Instant EXPIRES = Instant.parse("2026-11-22T12:00:00Z");

    final BlockingQueue<CreateKey> created = new LinkedBlockingQueue<>();
    final BlockingQueue<RunTurn> turns = new LinkedBlockingQueue<>();
    final Map<String, Principal> keys =
            new ConcurrentHashMap<>(Map.of(KEY, new Principal("tester", Set.of(Principal.USER))));
    volatile List<ModelEntry> models = List.of(
            new ModelEntry("default", "llmgine", Optional.of("fake/plain"), Set.of(), OptionalInt.empty()),
            new ModelEntry("fake/plain", "fake", Optional.empty(), Set.of("tools"), OptionalInt.of(4096)),
            new ModelEntry("fake/open", "fake", Optional.empty(), Set.of("extensions"), OptionalInt.empty()),
            new ModelEntry("engine/chat", "engine", Optional.empty(), Set.of(), OptionalInt.empty()),
            new ModelEntry("helper", "llmgine", Optional.of("engine/chat"), Set.of(), OptionalInt.empty()));
    volatile Function<ListInstances, List<InstanceEntry>> instances = FakeCommands::oneInstance;
    volatile Optional<FirstStart.Credentials> firstStart = Optional.empty();
    volatile TurnScript script = HELLO;
    volatile Function<LogFilter, List<LogLine>> logs = filter -> List.of();
    final BlockingQueue<LogLine> logLines = new LinkedBlockingQueue<>();
    static final BackupReport REPORT = new BackupReport(CREATED, "1.0.0", 1, Map.of("sessions", 2L));
    volatile Consumer<OutputStream> backup = out -> {};
    final BlockingQueue<Path> restored = new LinkedBlockingQueue<>();
    final FakeSessions sessions = new FakeSessions();
    final FakeDesk desk = new FakeDesk();

    /** What becomes of commands of other types. */
    final Map<Class<?>, Function<Command<?>, Object>> others = new ConcurrentHashMap<>();

    /** Whether each event is followed by a flush, as while the next one isn't ready. */
    volatile boolean keepsNothing = true;

    private static RunTurn flushing(RunTurn turn) {
        TurnEmitter emitter = event -> {
            turn.emitter().emit(event);
            turn.emitter().flush();
        };
        return new RunTurn(turn.principal(), turn.request(), emitter, turn.cancellation());
    }

    static TurnSummary summary(String finishReason) {
        return new TurnSummary("turn-1", "fake/plain", Optional.of(new Usage(3, 2, 1, 0)), finishReason);
    }

    private static List<InstanceEntry> oneInstance(ListInstances command) {
        Optional<ToolSpec> tool = command.kind().equals("tool")
                ? Optional.of(new ToolSpec("add", "Adds.", "{\"type\":\"object\"}", false))
                : Optional.empty();
        return List.of(new InstanceEntry(
                command.kind(),
                "one",
                "plug",
                "1.2.3",
                "org.example.plug",
                "failed",
                Optional.of("It lacks a key."),
                2,
                Map.of("calls", 7),
                tool));
    }

    private ModelEntry model(String id) {
        return models.stream()
                .filter(entry -> entry.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new LlmgineException(ErrorCode.MODEL_NOT_FOUND, "There is no model '" + id + "'."));
    }

    @Override
    @SuppressWarnings("unchecked")
    public <R> R execute(Command<R> command) {
        return (R)
                switch (command) {
                    case Authenticate authenticate -> {
                        Principal principal = keys.get(authenticate.key());
                        if (principal == null) {
                            throw new LlmgineException(ErrorCode.UNAUTHENTICATED, "This key is not valid.");
                        }
                        yield new Authenticated(
                                principal, "id-" + authenticate.key().hashCode());
                    }
                    case ListModels any -> models;
                    case ResolveModel resolve -> {
                        ModelEntry entry = model(resolve.model());
                        yield entry.target().map(this::model).orElse(entry);
                    }
                    case ListInstances list -> instances.apply(list);
                    case Login login -> {
                        if (!login.password().equals("secret")) {
                            throw new LlmgineException(ErrorCode.UNAUTHENTICATED, "Name or password is wrong.");
                        }
                        yield new IssuedKey(
                                KEY,
                                "k1",
                                new Principal(login.name(), Set.of("admin")),
                                Instant.parse("2026-11-22T12:00:00Z"));
                    }
                    case ReadLogs read -> logs.apply(read.filter());
                    case FollowLogs follow -> new Followed(logs.apply(follow.filter()), logLines);
                    case ListKeys any ->
                        List.of(
                                new KeyEntry("k1", "tester", "first", CREATED, Optional.empty()),
                                new KeyEntry("k2", "tester", "second", CREATED, Optional.of(EXPIRES)));
                    case CreateKey create -> {
                        created.add(create);
                        keys.put("made-key", new Principal(create.account(), Set.of(Principal.USER)));
                        yield new IssuedKey(
                                "made-key",
                                "k3",
                                new Principal(create.account(), Set.of("user", "viewer")),
                                create.lifetime().map(CREATED::plus).orElse(Instant.MAX));
                    }
                    case RevokeKey revoke -> {
                        if (!revoke.keyId().equals("k1")) {
                            throw new LlmgineException(ErrorCode.NOT_FOUND, "There is no key " + revoke.keyId() + ".");
                        }
                        yield new KeyEntry("k1", "tester", "first", CREATED, Optional.empty());
                    }
                    case WriteBackup write -> {
                        backup.accept(write.out());
                        yield REPORT;
                    }
                    case RestoreBackup restore -> {
                        restored.add(restore.file());
                        yield restore.principal().has(Principal.ADMIN) ? content(restore.file()) : forbidden();
                    }
                    case FirstStart any -> firstStart;
                    case RunTurn turn -> {
                        turns.add(turn);
                        try {
                            yield script.run(keepsNothing ? flushing(turn) : turn);
                        } catch (RuntimeException e) {
                            throw e;
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                    }
                    default ->
                        others.containsKey(command.getClass())
                                ? others.get(command.getClass()).apply(command)
                                : desk.knows(command) ? desk.execute(command) : sessions.execute(command);
                };
    }

    private static BackupReport content(Path file) {
        try {
            return new BackupReport(CREATED, Files.readString(file), 1, Map.of("sessions", Files.size(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static BackupReport forbidden() {
        throw new LlmgineException(ErrorCode.FORBIDDEN, "This needs a higher role.");
    }

    /** Gives some lines and then those of a queue, until it is closed. */
    private static final class Followed implements LogReader {
        private final BlockingQueue<LogLine> lines;
        private final Thread thread = Thread.currentThread();
        private volatile boolean closed;

        Followed(List<LogLine> first, BlockingQueue<LogLine> lines) {
            this.lines = lines;
            lines.addAll(first);
        }

        @Override
        public LogLine next() {
            try {
                return lines.take();
            } catch (InterruptedException e) {
                throw new LlmgineException(ErrorCode.CANCELLED, "closed", e);
            }
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                if (Thread.currentThread() != thread) {
                    thread.interrupt();
                }
            }
        }
    }
}
