package org.llmgine.shell.internal;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.core.command.BackupReport;
import org.llmgine.core.command.WriteBackup;

/** Takes a backup. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "backup",
        description = "Take a backup of all that is stored, while the host runs.",
        detailedDescription = "For admins. The file is written where the host runs, and only its owner may read it.")
public final class BackupCommand extends HostCommand {
    @Option(name = "-f", aliases = "--force", description = "Replace the file if there is one.")
    boolean force;

    @Argument(name = "file", description = "The file to write.", required = true)
    String file = "";

    @Override
    void run(Principal principal) {
        Path target = Path.of(file).toAbsolutePath();
        try {
            if (!force && Files.exists(target)) {
                throw new FileAlreadyExistsException("there is one already; --force replaces it");
            }
            Path part = Files.createTempFile(target.getParent(), "." + target.getFileName(), ".part");
            BackupReport report;
            try {
                try (OutputStream out = Files.newOutputStream(part)) {
                    report = commands.execute(new WriteBackup(principal, out));
                }
                Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(part);
            }
            out.println("Wrote " + target + ": " + counts(report));
        } catch (IOException e) {
            throw new LlmgineException(
                    ErrorCode.INVALID_REQUEST, "The file " + target + " can't be written: " + e.getMessage() + ".");
        }
    }

    static String counts(BackupReport report) {
        StringBuilder text = new StringBuilder();
        report.counts()
                .forEach((name, count) -> text.append(text.isEmpty() ? "" : ", ")
                        .append(count)
                        .append(' ')
                        .append(name.replace('_', ' ')));
        return text.append('.').toString();
    }
}
