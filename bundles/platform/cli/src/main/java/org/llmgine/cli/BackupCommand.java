package org.llmgine.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes a backup. */
@Command(
        name = "backup",
        description =
                "Take a backup of all that the host has stored, while it runs, for admins: accounts, keys, sessions.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  llmgine backup llmgine.zip",
            "  llmgine backup --force /backups/llmgine-$(date +%%F).zip",
            "",
            "The file holds conversations and the hashes of keys and passwords: only its owner may read it.",
            HostCommand.EXIT_CODES
        })
final class BackupCommand extends HostCommand {
    /** What only a whole backup has. */
    private static final String MANIFEST = "manifest.json";

    @Parameters(paramLabel = "FILE", description = "The file to write.")
    String file = "";

    @Option(names = "--force", description = "Replace the file if there is one.")
    boolean force;

    BackupCommand(Io io) {
        super(io);
    }

    @Override
    void run(Host host) throws HostException {
        Path target = Path.of(file).toAbsolutePath();
        try {
            if (!force && Files.exists(target)) {
                throw new FileAlreadyExistsException(target.toString());
            }
            Path part = Files.createTempFile(target.getParent(), "." + target.getFileName(), ".part");
            try {
                fetch(host, part);
                Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(part);
            }
            long bytes = Files.size(target);
            Map<String, Object> told = new LinkedHashMap<>();
            told.put("file", target.toString());
            told.put("bytes", bytes);
            io.print(json ? Json.write(told) : "Wrote " + target + " (" + ByteProgress.size(bytes) + ")");
        } catch (FileAlreadyExistsException e) {
            throw new HostException(ExitCode.ERROR, "There is " + e.getMessage() + " already; --force replaces it.");
        } catch (NoSuchFileException e) {
            throw new HostException(ExitCode.ERROR, "There is no folder " + target.getParent() + ".");
        } catch (IOException e) {
            throw new HostException(ExitCode.ERROR, target + " can't be written: " + e.getMessage());
        }
    }

    private void fetch(Host host, Path part) throws HostException, IOException {
        try (OutputStream out = Files.newOutputStream(part);
                ByteProgress progress = new ByteProgress(io, "received")) {
            host.download("/api/backup", out, progress);
        }
        if (!isWhole(part)) {
            throw new HostException(
                    ExitCode.ERROR, "The host broke the backup off; nothing is kept of it. ./llmgine logs says why.");
        }
    }

    private static boolean isWhole(Path part) {
        try (ZipFile zip = new ZipFile(part.toFile())) {
            return zip.getEntry(MANIFEST) != null;
        } catch (IOException e) {
            return false;
        }
    }
}
