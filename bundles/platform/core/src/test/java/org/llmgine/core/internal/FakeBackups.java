package org.llmgine.core.internal;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.llmgine.core.command.BackupReport;
import org.llmgine.core.spi.BackupStore;

/** Keeps what it is given to restore, and writes a word. */
final class FakeBackups implements BackupStore {
    static final BackupReport REPORT = new BackupReport(Instant.EPOCH, "1", 1, Map.of("sessions", 2L));

    final List<Path> restored = new ArrayList<>();

    @Override
    public BackupReport write(OutputStream out) {
        try {
            out.write("backup".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return REPORT;
    }

    @Override
    public BackupReport restore(Path file) {
        restored.add(file);
        return REPORT;
    }
}
