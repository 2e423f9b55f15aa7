package org.llmgine.core.command;

import java.io.OutputStream;
import org.llmgine.api.Principal;

/**
 * Write all that is stored, as it is at one moment, as a zip: accounts with password hashes, keys as hashes, sessions with
 * histories and turns. Needs the role {@code admin}.
 *
 * <p>Fails with {@code unavailable} before the first byte when the database can't be read, and with {@code cancelled} when the
 * stream can't be written.
 *
 * @param principal who asks
 * @param out is written to and left open
 */
public record WriteBackup(Principal principal, OutputStream out) implements AuditedCommand<BackupReport> {
    @Override
    public String target() {
        return "";
    }
}
