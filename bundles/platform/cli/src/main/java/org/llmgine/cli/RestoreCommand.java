package org.llmgine.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Restores a backup. */
@Command(
        name = "restore",
        description =
                "Put a backup in the place of all that the host has stored, for admins: all of it, or nothing when it fails.",
        footerHeading = "%nExample:%n",
        footer = {
            "  llmgine restore llmgine.zip",
            "",
            "It is refused while turns of sessions are in progress. Accounts and keys are the backup's afterwards; the host",
            "makes a new cli.key for its data folder when the backup doesn't know the one that is there.",
            HostCommand.EXIT_CODES
        })
final class RestoreCommand extends HostCommand {
    @Parameters(paramLabel = "FILE", description = "The backup.")
    String file = "";

    RestoreCommand(Io io) {
        super(io);
    }

    @Override
    void run(Host host) throws HostException {
        Path backup = Path.of(file);
        if (!Files.isRegularFile(backup)) {
            throw new HostException(ExitCode.ERROR, "There is no file " + backup + ".");
        }
        String answer;
        try (ByteProgress progress = new ByteProgress(io, "sent")) {
            answer = host.upload("/api/restore", backup, progress);
        } catch (IOException e) {
            throw new HostException(ExitCode.ERROR, backup + " can't be read: " + e.getMessage());
        }
        @Nullable Object report = readOrPrint(answer);
        if (report != null) {
            io.print("Restored the backup of " + Json.text(report, "created") + ": " + counts(report));
        }
    }

    private static String counts(Object report) {
        return Json.at(report, "counts") instanceof Map<?, ?> counts
                ? counts.entrySet().stream()
                        .map(count -> count.getValue()
                                + " "
                                + String.valueOf(count.getKey()).replace('_', ' '))
                        .collect(Collectors.joining(", "))
                : "";
    }
}
