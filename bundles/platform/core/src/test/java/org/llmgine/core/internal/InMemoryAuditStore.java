package org.llmgine.core.internal;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.core.command.AuditEntry;
import org.llmgine.core.spi.AuditStore;

/** Keeps the audit for as long as it lives, and fails when it is told to. */
final class InMemoryAuditStore implements AuditStore {
    volatile boolean failing;
    private final List<AuditEntry> entries = new ArrayList<>();

    private void check() {
        if (failing) {
            throw new LlmgineException(ErrorCode.UNAVAILABLE, "The database is away.");
        }
    }

    @Override
    public synchronized void append(AuditEntry entry) {
        check();
        entries.add(entry);
    }

    @Override
    public synchronized List<AuditEntry> list(String principal, String action, String after, int limit) {
        check();
        return entries.reversed().stream()
                .filter(entry -> principal.isEmpty() || entry.principal().equals(principal))
                .filter(entry -> action.isEmpty() || entry.action().equals(action))
                .filter(entry -> after.isEmpty() || entry.id().compareTo(after) < 0)
                .limit(limit)
                .toList();
    }

    @Override
    public synchronized int purge(Instant before) {
        check();
        int count = entries.size();
        entries.removeIf(entry -> entry.time().isBefore(before));
        return count - entries.size();
    }
}
