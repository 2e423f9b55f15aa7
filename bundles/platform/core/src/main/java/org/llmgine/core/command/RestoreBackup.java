package org.llmgine.core.command;

import java.nio.file.Path;
import org.llmgine.api.Principal;

/**
 * Put a backup in the place of all that is stored: all of it or nothing. Needs the role {@code admin}.
 *
 * <p>Fails with {@code invalid_request} when the file is no whole backup or a newer host's, with {@code busy} while a turn of a
 * session runs or waits on any host, with {@code unavailable} when the database fails.
 *
 * @param principal who asks
 * @param file the backup, on the host's disk
 */
public record RestoreBackup(Principal principal, Path file) implements AuditedCommand<BackupReport> {
    @Override
    public String target() {
        return "";
    }

    @Override
    public String details(BackupReport result) {
        return "of " + result.created();
    }
}
