package org.llmgine.core.command;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Tell what a backup holds.
 *
 * @param created when it was written
 * @param hostVersion the version of the host that wrote it
 * @param schemaVersion the version of the database's schema then
 * @param counts how many of each kind it holds, such as {@code sessions}
 */
public record BackupReport(Instant created, String hostVersion, int schemaVersion, Map<String, Long> counts) {
    /** Copy the counts, in their order. */
    public BackupReport {
        counts = Collections.unmodifiableMap(new LinkedHashMap<>(counts));
    }
}
