package org.llmgine.store.internal;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.core.command.BackupReport;
import org.llmgine.core.spi.BackupStore;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the database as a zip that no database made and any can take: a file of JSON lines for each table, and last a manifest
 * with what they hold, without which a backup is not whole. {@link BackupFile} reads it.
 */
@Component(service = BackupStore.class)
public final class JdbcBackupStore implements BackupStore {
    private static final Logger LOG = LoggerFactory.getLogger(JdbcBackupStore.class);

    private final Database database;
    private final JdbcAccountStore accounts;
    private final InstantSource clock;
    private final int schema = Migrations.shipped().version();
    private final ObjectMapper json = Bodies.mapper(true);

    @Activate
    public JdbcBackupStore(@Reference Database database, @Reference JdbcAccountStore accounts) {
        this(database, accounts, InstantSource.system());
    }

    JdbcBackupStore(Database database, JdbcAccountStore accounts, InstantSource clock) {
        this.database = database;
        this.accounts = accounts;
        this.clock = clock;
    }

    @Override
    public BackupReport write(OutputStream out) {
        try {
            return database.snapshot(sql -> {
                // Fails before the first byte, if it does.
                sql.number("SELECT COUNT(*) FROM accounts");
                try {
                    return write(sql, out);
                } catch (IOException e) {
                    throw new LlmgineException(
                            ErrorCode.CANCELLED, "The backup could not be written: " + e.getMessage(), e);
                }
            });
        } catch (LlmgineException e) {
            LOG.warn("A backup was not written to its end: {}", e.getMessage());
            throw e;
        }
    }

    private BackupReport write(Sql sql, OutputStream out) throws SQLException, IOException {
        ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8);
        Instant created = clock.instant();
        Map<String, Long> counts = new LinkedHashMap<>();
        ObjectNode manifest = json.createObjectNode()
                .put("format", BackupFile.FORMAT)
                .put("schema", schema)
                .put("host", hostVersion())
                .put("created", created.toString());
        ObjectNode files = manifest.putObject("files");
        for (Table table : Table.ALL) {
            MessageDigest digest = BackupFile.sha256();
            zip.putNextEntry(entry(table.file(), created));
            long count = write(sql, table, new DigestOutputStream(zip, digest));
            zip.closeEntry();
            counts.put(table.name(), count);
            files.putObject(table.file())
                    .put("rows", count)
                    .put("sha256", HexFormat.of().formatHex(digest.digest()));
        }
        zip.putNextEntry(entry(BackupFile.MANIFEST, created));
        zip.write(json.writerWithDefaultPrettyPrinter().writeValueAsBytes(manifest));
        zip.closeEntry();
        zip.finish();
        zip.flush();
        return new BackupReport(created, hostVersion(), schema, counts);
    }

    private static ZipEntry entry(String name, Instant created) {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(LocalDateTime.ofInstant(created, ZoneOffset.UTC));
        return entry;
    }

    private long write(Sql sql, Table table, OutputStream out) throws SQLException, IOException {
        long[] count = {0};
        try (JsonGenerator generator = json.createGenerator(out)) {
            generator.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            generator.setRootValueSeparator(null);
            try {
                sql.each(table.select(), row -> {
                    try {
                        write(row, table.columns(), generator);
                    } catch (IOException e) {
                        throw new UncheckedWrite(e);
                    }
                    count[0]++;
                });
            } catch (UncheckedWrite e) {
                throw e.cause;
            }
        }
        return count[0];
    }

    private static void write(ResultSet row, List<String> columns, JsonGenerator generator)
            throws SQLException, IOException {
        ResultSetMetaData types = row.getMetaData();
        generator.writeStartObject();
        for (int i = 1; i <= columns.size(); i++) {
            generator.writeFieldName(columns.get(i - 1));
            int type = types.getColumnType(i);
            if (type == Types.BIGINT || type == Types.INTEGER) {
                generator.writeNumber(row.getLong(i));
            } else {
                generator.writeString(row.getString(i));
            }
        }
        generator.writeEndObject();
        generator.writeRaw('\n');
    }

    /** Carries a failed write out of the rows. */
    private static final class UncheckedWrite extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient IOException cause;

        UncheckedWrite(IOException cause) {
            super(cause);
            this.cause = cause;
        }
    }

    private static String hostVersion() {
        return Optional.ofNullable(FrameworkUtil.getBundle(JdbcBackupStore.class))
                .map(bundle -> bundle.getVersion().toString())
                .orElse("unknown");
    }

    @Override
    public BackupReport restore(Path file) {
        try (BackupFile backup = BackupFile.open(file, schema)) {
            database.alone(sql -> {
                replace(sql, backup);
                return true;
            });
            accounts.reload();
            LOG.info(
                    "A backup of {} was restored: {}.",
                    backup.report().created(),
                    backup.report().counts());
            return backup.report();
        }
    }

    private void replace(Sql sql, BackupFile backup) throws SQLException {
        if (!database.isFile()) {
            // The other hosts read on, and wait if they would write.
            for (Table table : Table.ALL) {
                sql.update("LOCK TABLE " + table.name() + " IN EXCLUSIVE MODE");
            }
        }
        int inProgress = sql.number("SELECT COUNT(*) FROM turns WHERE host IS NOT NULL");
        if (inProgress > 0) {
            throw new LlmgineException(
                            ErrorCode.BUSY, inProgress + " turns of sessions are in progress: nothing was restored.")
                    .withHint("Wait for their end, or cancel them.");
        }
        for (Table table : Table.ALL.reversed()) {
            sql.update("DELETE FROM " + table.name());
        }
        for (Table table : Table.ALL) {
            if (backup.columns(table).isEmpty()) {
                continue;
            }
            try (Sql.Batch batch = sql.batch(table.insert(backup.columns(table)))) {
                backup.each(table, batch::add);
                batch.flush();
            }
        }
        // What was in progress when the backup was written has no host now.
        sql.update("UPDATE turns SET host = '' WHERE host IS NOT NULL");
        JdbcSessionStore.interruptAbandoned(sql, clock.instant());
    }
}
