package org.llmgine.store.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.core.command.BackupReport;
import org.llmgine.core.session.Approval;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.TurnFailure;
import org.llmgine.core.spi.AccountStore.Account;
import org.llmgine.core.spi.AccountStore.Key;
import org.llmgine.core.spi.EventLog;
import org.llmgine.core.spi.SessionStore.Entry;

@ParameterizedClass
@EnumSource(TestDatabase.Kind.class)
final class JdbcBackupStoreTest {
    private static final Instant NOW = Samples.THEN.plusSeconds(60);
    private static final Account ANN = new Account("ann", Set.of("user"), "$argon2id$x");
    private static final Key KEY = new Key("key_1", "abc", "ann", "“l”", Samples.THEN, Optional.empty());

    @TempDir
    private Path folder;

    private final TestDatabase.Kind kind;
    private final List<TestDatabase> databases = new ArrayList<>();
    private final TestHost host;

    JdbcBackupStoreTest(TestDatabase.Kind kind) {
        this.kind = kind;
        host = new TestHost(kind);
    }

    @AfterEach
    void close() {
        databases.forEach(TestDatabase::close);
    }

    private static final SessionTurn SUSPENDED = Samples.turn("sess_2", "turn_1", SessionTurn.SUSPENDED);
    private static final Approval ASKED = Samples.approval("sess_2", "turn_1", "appr_1", NOW);

    /** Is a host with a database of its own. */
    private final class TestHost {
        private final Database database;
        private final JdbcSessionStore sessions;
        private final JdbcApprovalStore approvals;
        private final JdbcAccountStore accounts;
        private final JdbcDeadLetterStore letters;
        private final JdbcTimerStore timers;
        private final JdbcAuditStore audit;
        private final JdbcSettingsStore settings;
        private final JdbcEventLog events;
        private final JdbcBackupStore backups;

        TestHost(TestDatabase.Kind kind) {
            TestDatabase made = new TestDatabase(kind);
            databases.add(made);
            database = made.open("host_a");
            new Hosts(database, "node_1", () -> NOW).start(1);
            sessions = new JdbcSessionStore(database);
            approvals = new JdbcApprovalStore(database);
            accounts = new JdbcAccountStore(database, new ManualTimer());
            letters = new JdbcDeadLetterStore(database);
            timers = new JdbcTimerStore(database);
            audit = new JdbcAuditStore(database);
            settings = new JdbcSettingsStore(database);
            events = new JdbcEventLog(database);
            backups = new JdbcBackupStore(database, accounts, () -> NOW);
        }

        TestHost fill() {
            accounts.put(ANN);
            accounts.put(KEY);
            sessions.put(Samples.session("sess_1"), List.of(Samples.loose("msg_1")), Optional.empty());
            SessionTurn running = Samples.turn("sess_1", "turn_1", SessionTurn.RUNNING);
            sessions.put(Samples.session("sess_1"), List.of(Samples.entry("msg_2", "turn_1")), Optional.of(running));
            SessionTurn over = Samples.turn("sess_1", "turn_1", SessionTurn.COMPLETED);
            sessions.put(Samples.session("sess_1"), List.of(), Optional.of(over));
            SessionTurn waiting = Samples.turn("sess_2", "turn_1", SessionTurn.RUNNING);
            sessions.put(Samples.session("sess_2", "bob", NOW), List.of(), Optional.of(waiting));
            approvals.suspend(SUSPENDED, List.of(ASKED));
            letters.put(Samples.letter("dead_1"));
            timers.put(Samples.timer("timer_1", ""));
            timers.put(Samples.timer("timer_2", "nightly"));
            audit.append(JdbcAuditStoreTest.entry(1, "ann", "CreateKey"));
            settings.append(JdbcSettingsStoreTest.state("pid", 1), 9);
            settings.append(JdbcSettingsStoreTest.state("pid", 2), 9);
            events.append(List.of(
                    new EventLog.Logged("event_1", "msg_1", Samples.THEN, "test", Samples.stored("{\"a\":1}"))));
            // A claim is not in the backup: its host has the timer no more when it is restored.
            timers.claim("a", NOW, NOW.plusSeconds(30), 1);
            return this;
        }

        Path backup() throws IOException {
            Path file = Files.createTempFile(folder, "backup", ".zip");
            try (OutputStream out = Files.newOutputStream(file)) {
                backups.write(out);
            }
            return file;
        }

        void assertFilled() {
            assertThat(settings.history("pid", 9, 9))
                    .containsExactly(JdbcSettingsStoreTest.state("pid", 2), JdbcSettingsStoreTest.state("pid", 1));
            assertThat(accounts.accounts()).containsExactly(ANN);
            assertThat(accounts.keyByHash("abc")).contains(KEY);
            assertThat(sessions.session("sess_1")).contains(Samples.session("sess_1"));
            assertThat(sessions.session("sess_2")).contains(Samples.session("sess_2", "bob", NOW));
            assertThat(sessions.count()).isEqualTo(2);
            assertThat(sessions.entries("sess_1"))
                    .containsExactly(Samples.loose("msg_1"), Samples.entry("msg_2", "turn_1"));
            assertThat(sessions.turns("sess_1"))
                    .containsExactly(Samples.turn("sess_1", "turn_1", SessionTurn.COMPLETED));
            assertThat(letters.list("", "", 9)).containsExactly(Samples.letter("dead_1"));
            assertThat(events.list(EventLog.Filter.ALL, "", 9))
                    .extracting(event -> event.message().payload())
                    .containsExactly("{\"a\":1}");
            assertThat(audit.list("", "", "", 9)).containsExactly(JdbcAuditStoreTest.entry(1, "ann", "CreateKey"));
            assertThat(timers.list("", 9))
                    .extracting(timer -> timer.withClaim(Optional.empty()))
                    .containsExactly(Samples.timer("timer_1", ""), Samples.timer("timer_2", "nightly"));
            assertThat(approvals.suspended(List.of("sess_2"))).containsExactly(SUSPENDED);
            assertThat(approvals.ofTurn("sess_2", "turn_1")).containsExactly(ASKED);
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.Kind.class)
    void aBackupOfOneDatabaseIsRestoredInAnother(TestDatabase.Kind other) throws IOException {
        Path file = host.fill().backup();
        TestHost target = new TestHost(other);
        target.accounts.put(new Account("former", Set.of(), ""));
        target.sessions.put(Samples.session("sess_1", "former", NOW), List.of(), Optional.empty());

        BackupReport report = target.backups.restore(file);

        target.assertFilled();
        assertThat(report)
                .isEqualTo(new BackupReport(
                        NOW,
                        "unknown",
                        Migrations.shipped().version(),
                        Map.ofEntries(
                                Map.entry("accounts", 1L),
                                Map.entry("api_keys", 1L),
                                Map.entry("sessions", 2L),
                                Map.entry("entries", 2L),
                                Map.entry("turns", 2L),
                                Map.entry("approvals", 1L),
                                Map.entry("dead_letters", 1L),
                                Map.entry("timers", 2L),
                                Map.entry("audit", 1L),
                                Map.entry("settings", 2L),
                                Map.entry("events", 1L))));
        assertThat(target.timers.nextDue())
                .contains(Samples.timer("timer_1", "").progress().due());
        assertThat(target.backup()).hasSameBinaryContentAs(file);
    }

    @Test
    void anEmptyBackupEmptiesTheDatabase() throws IOException {
        Path empty = host.backup();
        host.fill();

        host.backups.restore(empty);

        assertThat(host.accounts.accounts()).isEmpty();
        assertThat(host.sessions.count()).isZero();
    }

    @Test
    void aTurnThatRanWhenTheBackupWasWrittenIsInterrupted() throws IOException {
        SessionTurn running = Samples.turn("sess_1", "turn_1", SessionTurn.RUNNING);
        host.sessions.put(Samples.session("sess_1"), List.of(), Optional.of(running));
        Path file = host.backup();

        assertThatThrownBy(() -> host.backups.restore(file))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BUSY))
                .hasMessage("1 turns of sessions are in progress: nothing was restored.");

        SessionTurn over = Samples.turn("sess_1", "turn_1", SessionTurn.COMPLETED);
        host.sessions.put(Samples.session("sess_1"), List.of(), Optional.of(over));
        host.backups.restore(file);
        assertThat(host.sessions.turn("sess_1", "turn_1").flatMap(SessionTurn::failure))
                .contains(TurnFailure.INTERRUPTED);
        SessionTurn next = Samples.turn("sess_1", "turn_2", SessionTurn.RUNNING);
        host.sessions.put(Samples.session("sess_1"), List.of(), Optional.of(next));
    }

    @Test
    void aBackupShowsOneMomentWhileTheHostGoesOn() throws Exception {
        host.fill();
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean enough = new AtomicBoolean();
        CompletableFuture<Integer> writer = CompletableFuture.supplyAsync(
                () -> {
                    int written = 0;
                    for (; !enough.get(); written++) {
                        String session = "sess_w" + written % 20;
                        Entry entry = Samples.loose("msg_w" + written);
                        Instant updated = Samples.THEN.plusSeconds(written);
                        host.sessions.put(Samples.session(session, "ann", updated), List.of(entry), Optional.empty());
                        begun.countDown();
                    }
                    return written;
                },
                Thread::startVirtualThread);
        assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            files.add(host.backup());
        }
        enough.set(true);
        int written = writer.get(30, TimeUnit.SECONDS);

        assertThat(written).isPositive();
        TestHost target = new TestHost(TestDatabase.Kind.H2);
        for (Path file : files) {
            target.backups.restore(file);
            // Each message came in one transaction with the session's change.
            for (int i = 0; i < 20; i++) {
                String id = "sess_w" + i;
                List<Entry> entries = target.sessions.entries(id);
                assertThat(target.sessions.session(id).map(Session::updated))
                        .isEqualTo(
                                entries.isEmpty()
                                        ? Optional.empty()
                                        : Optional.of(Samples.THEN.plusSeconds(Long.parseLong(
                                                entries.getLast().id().substring("msg_w".length())))));
            }
        }
    }

    @Test
    void whileABackupIsRestoredNothingElseIsWritten() throws Exception {
        Path file = host.fill().backup();
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<Void> restore = CompletableFuture.runAsync(
                () -> host.database.alone(sql -> {
                    inside.countDown();
                    try {
                        return go.await(30, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }),
                Thread::startVirtualThread);
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();

        assertThat(host.sessions.count()).isEqualTo(2);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> host.accounts.put(ANN))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
                .hasMessage("A backup is being restored.");
        assertThat(Thread.interrupted()).isTrue();
        go.countDown();
        restore.get(30, TimeUnit.SECONDS);
        host.backups.restore(file);
        host.assertFilled();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    manifest.json  |                          |                      | it has no manifest.json
                    manifest.json  | .*                       | {                    | manifest.json of the backup can't be read
                    manifest.json  | "format" : 1             | "format" : 2         | The backup has the format 2
                    manifest.json  | "schema" : \\d+        | "schema" : 99        | The backup has the schema version 99
                    manifest.json  | "created" : "[^"]+"      | "created" : "now"    | doesn't say when it was created
                    manifest.json  | "rows" : 2               | "rows" : 3           | sessions.jsonl of the backup has 2 rows
                    sessions.jsonl |                          |                      | The backup has no sessions.jsonl
                    sessions.jsonl | sess_2                   | sess_3               | sessions.jsonl of the backup was changed or damaged
                    sessions.jsonl | "owner"                  | "holder"             | sessions.jsonl of the backup has other columns
                    sessions.jsonl | }                        | ]                    | sessions.jsonl of the backup holds a line that is no JSON
                    """)
    void whatIsNoWholeBackupIsRefusedAndNothingIsChanged(String entry, String found, String replaced, String message)
            throws IOException {
        host.fill();
        Path file = changed(
                host.backup(),
                entry,
                text -> found == null ? null : text.replaceAll("(?s)" + found.strip(), replaced.strip()));

        assertThatThrownBy(() -> host.backups.restore(file))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST))
                .hasMessageContaining(message);

        host.assertFilled();
    }

    /** Change one file of a backup, or leave it out. */
    private Path changed(Path backup, String name, UnaryOperator<String> change) throws IOException {
        Path result = folder.resolve("changed.zip");
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(backup));
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(result))) {
            ZipEntry entry;
            while ((entry = in.getNextEntry()) != null) {
                String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                String written = entry.getName().equals(name) ? change.apply(text) : text;
                if (written != null) {
                    out.putNextEntry(new ZipEntry(entry.getName()));
                    out.write(written.getBytes(StandardCharsets.UTF_8));
                }
            }
        }
        return result;
    }

    @Test
    void aCutOrDamagedFileIsRefused() throws IOException {
        host.fill();
        byte[] whole = Files.readAllBytes(host.backup());
        Path file = folder.resolve("cut.zip");

        Files.write(file, java.util.Arrays.copyOf(whole, whole.length / 2));
        assertInvalid(file, "The file is no backup, or not all of one: ");

        byte[] damaged = whole.clone();
        for (int i = 60; i < 120; i++) {
            damaged[i] ^= 0x55;
        }
        Files.write(file, damaged);
        assertThatThrownBy(() -> host.backups.restore(file)).isInstanceOf(LlmgineException.class);

        assertInvalid(folder.resolve("none.zip"), "The file is no backup, or not all of one: ");
        host.assertFilled();
    }

    private void assertInvalid(Path file, String message) {
        assertThatThrownBy(() -> host.backups.restore(file))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST))
                .hasMessageStartingWith(message);
    }

    @Test
    void aRestoreThatTheDatabaseRefusesChangesNothing() throws IOException {
        host.fill();
        // The entries of a session that is not there.
        Path file = host.backup();
        TestHost other = new TestHost(kind);
        other.sessions.put(Samples.session("sess_9"), List.of(Samples.loose("msg_9")), Optional.empty());
        Path odd = merged(file, other.backup());

        assertThatThrownBy(() -> host.backups.restore(odd)).isInstanceOf(LlmgineException.class);

        host.assertFilled();
    }

    /** Take the entries of another backup, and what the manifest says of them. */
    private Path merged(Path backup, Path other) throws IOException {
        Map<String, String> texts = texts(other);
        String line = String.valueOf(texts.get(BackupFile.MANIFEST))
                .replaceAll("(?s).*(\"entries.jsonl\" : \\{[^}]*}).*", "$1");
        Path manifest = changed(
                backup, BackupFile.MANIFEST, text -> text.replaceAll("(?s)\"entries.jsonl\" : \\{[^}]*}", line));
        Path kept = Files.move(manifest, folder.resolve("manifest.zip"));
        return changed(kept, "entries.jsonl", text -> texts.get("entries.jsonl"));
    }

    private static Map<String, String> texts(Path backup) throws IOException {
        Map<String, String> texts = new LinkedHashMap<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(Files.readAllBytes(backup)))) {
            ZipEntry entry;
            while ((entry = in.getNextEntry()) != null) {
                texts.put(entry.getName(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return texts;
    }

    @Test
    void aBackupOfAnEarlierHostMayLackATableAndAColumn() throws IOException {
        host.fill();
        Path file = changed(host.backup(), "api_keys.jsonl", text -> null);
        Path without = Files.move(file, folder.resolve("without.zip"));
        Path earlier = changed(
                without, BackupFile.MANIFEST, text -> text.replaceAll("(?s)\"api_keys.jsonl\" : \\{[^}]*},", ""));

        assertThat(host.backups.restore(earlier).counts())
                .doesNotContainKey("api_keys")
                .containsKey("accounts");

        assertThat(host.accounts.keys()).isEmpty();
        assertThat(host.accounts.accounts()).containsExactly(ANN);
    }

    @Test
    void aReaderWhoLeavesEndsTheBackup() {
        host.fill();
        OutputStream gone = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };

        assertThatThrownBy(() -> host.backups.write(gone))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED))
                .hasMessageContaining("Broken pipe");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        host.backups.write(out);
        assertThat(out.size()).isPositive();
    }
}
