package org.llmgine.core.spi;

import java.time.Instant;
import java.util.List;
import org.llmgine.core.command.AuditEntry;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Keep what was changed and by whom. Thread-safe; every method may block, and fails with
 * {@link org.llmgine.api.LlmgineException} only.
 */
@ConsumerType
public interface AuditStore {
    /** Add an entry; durable on return. */
    void append(AuditEntry entry);

    /**
     * Return entries, newest first, which is from the greatest id to the least.
     *
     * @param principal the name of who changed it; empty for all
     * @param action the command's name; empty for all
     * @param after the id after which to go on, whether or not it is there; empty to begin with the newest
     * @param limit how many at most
     */
    List<AuditEntry> list(String principal, String action, String after, int limit);

    /**
     * Remove entries that are older than a time.
     *
     * @return how many there were
     */
    int purge(Instant before);
}
