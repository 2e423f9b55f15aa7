package org.llmgine.core.spi;

import java.io.OutputStream;
import java.nio.file.Path;
import org.llmgine.core.command.BackupReport;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Write all that is stored into a backup, and put a backup in the place of all that is stored. Thread-safe; every method
 * blocks, and fails with {@link org.llmgine.api.LlmgineException} only.
 */
@ConsumerType
public interface BackupStore {
    /** Write a backup of one moment while the host goes on. The stream is left open. */
    BackupReport write(OutputStream out);

    /** Check a backup whole and put it in the place of all that is stored, or change nothing. */
    BackupReport restore(Path file);
}
