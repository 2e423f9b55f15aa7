package org.llmgine.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.bus.internal.RoundTimer;
import org.llmgine.core.command.AuditEntry;
import org.llmgine.core.command.BackupReport;
import org.llmgine.core.command.CreateKey;
import org.llmgine.core.command.IssuedKey;
import org.llmgine.core.command.KeyEntry;
import org.llmgine.core.command.ListAudit;
import org.llmgine.core.command.ListKeys;
import org.llmgine.core.command.RestoreBackup;
import org.llmgine.core.command.RevokeKey;
import org.llmgine.core.command.WriteBackup;
import org.llmgine.core.session.DeleteSession;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionSettings;
import org.llmgine.testkit.DirectBus;
import org.llmgine.testkit.FakeSettings;

class AuditTest {
    private static final Logger LOGGER = Logger.getLogger(Audit.class.getName());
    private static final Principal ANN = new Principal("ann", Set.of(Principal.ADMIN));
    private static final Principal BOB = new Principal("bob", Set.of(Principal.USER));
    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

    private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
    private final InMemoryAuditStore store = new InMemoryAuditStore();
    private final RoundTimer timer = new RoundTimer(false);
    private final Audit audit = new Audit(config(365), store, timer, now::get);
    private final Dispatcher dispatcher = new Dispatcher(new DirectBus(), audit);
    private final List<String> logged = new CopyOnWriteArrayList<>();

    private static AuditConfig config(int days) {
        return FakeSettings.of(AuditConfig.class, Map.of("retentionDays", days));
    }

    @BeforeEach
    void listen() {
        LOGGER.setFilter(entry -> {
            logged.add(new SimpleFormatter().formatMessage(entry));
            return false;
        });
    }

    @AfterEach
    void listenNoMore() {
        LOGGER.setFilter(null);
        audit.close();
    }

    private void handleKeys() {
        dispatcher
                .needing(
                        Principal.ADMIN,
                        CreateKey.class,
                        command -> new IssuedKey("sk-hidden", "key_1", command.principal(), Instant.MAX))
                .needing(
                        Principal.ADMIN,
                        RevokeKey.class,
                        command -> new KeyEntry("key_1", "ann", "laptop", NOW, Optional.empty()))
                .needing(Principal.ADMIN, ListKeys.class, command -> List.of())
                .needing(Principal.ADMIN, ListAudit.class, audit::list);
    }

    private List<AuditEntry> list() {
        return dispatcher.execute(new ListAudit(ANN, "", "", "", 100));
    }

    @Test
    void whatIsChangedIsWrittenDownWithWhoAskedAndNoSecret() {
        handleKeys();
        dispatcher.execute(new CreateKey(ANN, "bob", "ci", Optional.of(Duration.ofHours(1))));
        dispatcher.execute(new CreateKey(Principal.SYSTEM, "system", "warm-up", Optional.empty()));
        dispatcher.execute(new RevokeKey(ANN, "key_1"));
        dispatcher.execute(new ListKeys(ANN));

        List<AuditEntry> entries = list();
        assertThat(entries).extracting(AuditEntry::action).containsExactly("RevokeKey", "CreateKey");
        assertThat(entries.getFirst().details()).isEqualTo("of ann 'laptop'");
        assertThat(entries.getLast())
                .returns(NOW, AuditEntry::time)
                .returns("ann", AuditEntry::principal)
                .returns(Set.of(Principal.ADMIN), AuditEntry::roles)
                .returns("bob", AuditEntry::target)
                .returns(AuditEntry.OK, AuditEntry::outcome)
                .returns("key_1 'ci', for PT1H", AuditEntry::details)
                .returns("", AuditEntry::session)
                .returns("", AuditEntry::face);
        assertThat(entries.getLast().id()).isLessThan(entries.getFirst().id());
        assertThat(entries.toString()).doesNotContain("hidden");
    }

    @Test
    void whatFailsOrIsRefusedIsWrittenDownToo() {
        dispatcher
                .needing(Principal.ADMIN, WriteBackup.class, command -> {
                    throw new LlmgineException(ErrorCode.UNAVAILABLE, "The database is away.");
                })
                .needing(
                        Principal.ADMIN,
                        RestoreBackup.class,
                        command -> new BackupReport(NOW, "1.0.0", 2, Map.of("sessions", 1L)))
                .needing(Principal.ADMIN, ListAudit.class, audit::list);
        assertThatThrownBy(() -> dispatcher.execute(new RestoreBackup(BOB, Path.of("b.zip"))));
        assertThatThrownBy(() -> dispatcher.execute(new WriteBackup(ANN, java.io.OutputStream.nullOutputStream())));
        dispatcher.execute(new RestoreBackup(ANN, Path.of("b.zip")));

        assertThat(list())
                .extracting(entry ->
                        entry.principal() + " " + entry.action() + " " + entry.outcome() + ": " + entry.details())
                .containsExactly(
                        "ann RestoreBackup ok: of " + NOW,
                        "ann WriteBackup unavailable: The database is away.",
                        "bob RestoreBackup forbidden: 'bob' may not do this: a higher role is needed.");
    }

    @Test
    void ofSessionsThoseOfOthersAreWrittenDown() {
        dispatcher
                .needing(Principal.USER, DeleteSession.class, command -> {
                    if (command.sessionId().equals("sess_none")) {
                        throw new LlmgineException(ErrorCode.NOT_FOUND, "There is no session 'sess_none'.");
                    }
                    return session(command.sessionId());
                })
                .needing(Principal.ADMIN, ListAudit.class, audit::list);
        dispatcher.execute(new DeleteSession(BOB, "sess_1"));
        assertThatThrownBy(() -> dispatcher.execute(new DeleteSession(BOB, "sess_none")));
        dispatcher.execute(new DeleteSession(ANN, "sess_2"));

        assertThat(list())
                .singleElement()
                .returns("sess_2", AuditEntry::target)
                .returns("sess_2", AuditEntry::session)
                .returns("of bob", AuditEntry::details);
    }

    private static Session session(String id) {
        return new Session(
                id,
                "bob",
                "",
                "tool-chat",
                "default",
                "",
                Optional.empty(),
                SessionSettings.DEFAULT,
                Optional.empty(),
                NOW,
                NOW,
                Optional.empty());
    }

    @Test
    void aFailingStoreFailsNoCommandAndTheLogTellsWhatIsMissing() {
        handleKeys();
        store.failing = true;

        IssuedKey key = dispatcher.execute(new CreateKey(ANN, "bob", "ci", Optional.empty()));

        assertThat(key.keyId()).isEqualTo("key_1");
        assertThat(logged)
                .singleElement()
                .asString()
                .startsWith("The audit can't keep AuditEntry[")
                .contains("CreateKey", "key_1 'ci'")
                .endsWith("The database is away.")
                .doesNotContain("hidden");
    }

    @Test
    void itIsListedByWhoWhatAndPages() {
        handleKeys();
        dispatcher.execute(new CreateKey(ANN, "bob", "1", Optional.empty()));
        dispatcher.execute(new CreateKey(ANN, "bob", "2", Optional.empty()));
        assertThatThrownBy(() -> dispatcher.execute(new CreateKey(BOB, "bob", "3", Optional.empty())));

        assertThat(dispatcher.execute(new ListAudit(ANN, "bob", "", "", 9))).hasSize(1);
        List<AuditEntry> page = dispatcher.execute(new ListAudit(ANN, "ann", "CreateKey", "", 1));
        assertThat(page).singleElement().returns("key_1 '2'", AuditEntry::details);
        assertThat(dispatcher.execute(
                        new ListAudit(ANN, "ann", "CreateKey", page.getLast().id(), 9)))
                .singleElement()
                .returns("key_1 '1'", AuditEntry::details);
        assertThat(dispatcher.execute(new ListAudit(ANN, "", "RevokeKey", "", 9)))
                .isEmpty();
        for (int limit : List.of(0, ListAudit.MOST + 1)) {
            assertThatThrownBy(() -> dispatcher.execute(new ListAudit(ANN, "", "", "", limit)))
                    .isInstanceOfSatisfying(
                            LlmgineException.class, e -> assertThat(e.field()).contains("limit"));
        }
        assertThatThrownBy(() -> dispatcher.execute(new ListAudit(BOB, "", "", "", 9)))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN));
    }

    @Test
    void whatIsTooOldIsPurgedEachHourAndWhenTheTimeIsShortened() {
        handleKeys();
        dispatcher.execute(new CreateKey(ANN, "bob", "ci", Optional.empty()));
        long nanos = System.nanoTime();
        assertThat(audit.isDue(nanos)).isTrue();
        audit.act();
        assertThat(audit.isDue(nanos)).isFalse();
        now.set(NOW.plus(Duration.ofDays(100)));
        audit.act();
        assertThat(list()).hasSize(1);

        store.failing = true;
        audit.act();
        assertThat(logged.getLast()).isEqualTo("The audit can't be purged now: The database is away.");
        store.failing = false;
        assertThat(audit.isDue(System.nanoTime() + TimeUnit.MINUTES.toNanos(61)))
                .isTrue();
        audit.modified(config(99));
        assertThat(audit.isDue(System.nanoTime())).isTrue();
        audit.act();
        assertThat(list()).isEmpty();
        assertThat(logged.getLast()).isEqualTo("1 entries of the audit were older than 99 days and are gone.");
    }
}
