package org.llmgine.store.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.llmgine.core.command.AuditEntry;

@ParameterizedClass
@EnumSource(TestDatabase.Kind.class)
final class JdbcAuditStoreTest {
    private final TestDatabase database;
    private final JdbcAuditStore store;

    JdbcAuditStoreTest(TestDatabase.Kind kind) {
        database = new TestDatabase(kind);
        store = new JdbcAuditStore(database.open("host_a"));
    }

    @AfterEach
    void close() {
        database.close();
    }

    static AuditEntry entry(int number, String principal, String action) {
        return new AuditEntry(
                "audit_" + number,
                Samples.THEN.plusSeconds(number),
                principal,
                Set.of("admin", "user"),
                action,
                "key_1",
                "ok",
                "a NUL \u0000, half of a pair \ud83d, “ü” 🎈",
                "sess_1",
                "http");
    }

    private List<String> ids(String principal, String action, String after, int limit) {
        return store.list(principal, action, after, limit).stream()
                .map(AuditEntry::id)
                .toList();
    }

    @Test
    void whatIsAppendedIsListedNewestFirstByPagesAndByFilters() {
        IntStream.range(1, 8).forEach(i -> store.append(entry(i, i % 2 == 0 ? "ann" : "bob", i < 4 ? "A" : "B")));

        assertThat(store.list("", "", "", 1)).containsExactly(entry(7, "bob", "B"));
        assertThat(ids("", "", "", 3)).containsExactly("audit_7", "audit_6", "audit_5");
        assertThat(ids("", "", "audit_5", 9)).containsExactly("audit_4", "audit_3", "audit_2", "audit_1");
        assertThat(ids("ann", "", "", 9)).containsExactly("audit_6", "audit_4", "audit_2");
        assertThat(ids("", "A", "", 9)).containsExactly("audit_3", "audit_2", "audit_1");
        assertThat(ids("bob", "A", "audit_3", 9)).containsExactly("audit_1");
        assertThat(ids("cid", "", "", 9)).isEmpty();
    }

    @Test
    void whatIsTooOldIsPurged() {
        IntStream.range(1, 5).forEach(i -> store.append(entry(i, "ann", "A")));
        Instant limit = Samples.THEN.plusSeconds(3);

        assertThat(store.purge(limit)).isEqualTo(2);
        assertThat(ids("", "", "", 9)).containsExactly("audit_4", "audit_3");
        assertThat(store.purge(limit)).isZero();
    }
}
