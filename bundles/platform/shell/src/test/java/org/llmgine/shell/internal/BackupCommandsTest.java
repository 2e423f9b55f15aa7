package org.llmgine.shell.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.karaf.shell.support.CommandException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.core.command.BackupReport;
import org.llmgine.core.command.RestoreBackup;
import org.llmgine.core.command.WriteBackup;

class BackupCommandsTest {
    private static final Instant CREATED = Instant.parse("2026-11-22T10:00:00Z");

    @TempDir
    private Path folder;

    private final Screen screen = new Screen();

    private static BackupReport report() {
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("api_keys", 1L);
        counts.put("sessions", 2L);
        return new BackupReport(CREATED, "1.0.0", 1, counts);
    }

    private BackupCommand backup() {
        BackupCommand command = screen.show(new BackupCommand(), new FakeHost().on(WriteBackup.class, write -> {
                    try {
                        write.out().write("zip".getBytes(StandardCharsets.US_ASCII));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    return report();
                }));
        command.file = folder.resolve("b.zip").toString();
        return command;
    }

    @Test
    void aBackupIsWrittenWholeAndReplacesNothingUnasked() throws Exception {
        BackupCommand command = backup();
        command.execute();

        Path file = folder.resolve("b.zip");
        assertThat(file).hasContent("zip");
        assertThat(screen.text().strip()).isEqualTo("Wrote " + file + ": 1 api keys, 2 sessions.");
        assertThat(Files.list(folder)).containsExactly(file);
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(command::execute)
                .withMessage("The file " + file + " can't be written: there is one already; --force replaces it.");
        command.force = true;
        command.execute();
    }

    @Test
    void oneThatBreaksOffLeavesNothing() throws Exception {
        BackupCommand command = screen.show(new BackupCommand(), new FakeHost().on(WriteBackup.class, write -> {
                    throw new LlmgineException(ErrorCode.UNAVAILABLE, "The database is away.");
                }));
        command.file = folder.resolve("b.zip").toString();

        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(command::execute)
                .withMessage("The database is away.");
        assertThat(Files.list(folder)).isEmpty();
        command.file = folder.resolve("none/b.zip").toString();
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(command::execute)
                .withMessageContaining("can't be written");
    }

    @Test
    void aBackupIsRestored() throws Exception {
        RestoreCommand command = screen.show(new RestoreCommand(), new FakeHost().on(RestoreBackup.class, restore -> {
                    assertThat(restore.file()).isEqualTo(folder.resolve("b.zip"));
                    return report();
                }));
        command.file = folder.resolve("b.zip").toString();

        command.execute();

        assertThat(screen.text().strip())
                .isEqualTo("Restored the backup of 2026-11-22T10:00:00Z: 1 api keys, 2 sessions.");
    }
}
