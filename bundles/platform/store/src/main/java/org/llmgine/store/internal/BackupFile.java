package org.llmgine.store.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.core.command.BackupReport;

/** Is a backup that was found whole: the manifest, and each file that it names with the checksum and the rows that it says. */
final class BackupFile implements AutoCloseable {
    static final int FORMAT = 1;
    static final String MANIFEST = "manifest.json";

    private final ObjectMapper json = Bodies.mapper(false);

    private final ZipFile zip;
    private final Map<Table, List<String>> columns = new LinkedHashMap<>();
    private final BackupReport report;

    /** Takes the values of a row. */
    interface Row {
        void take(@Nullable Object... values) throws SQLException;
    }

    /** Check a file. */
    private BackupFile(ZipFile zip, int schema) throws IOException {
        this.zip = zip;
        JsonNode manifest = manifest();
        if (manifest.path("format").asInt() != FORMAT) {
            throw invalid("The backup has the format " + manifest.path("format").asText("unknown")
                    + ", and this host reads format " + FORMAT + " only.");
        }
        int found = manifest.path("schema").asInt(Integer.MAX_VALUE);
        if (found > schema) {
            throw invalid("The backup has the schema version " + found + ", and this host knows up to " + schema
                    + ": restore it with the version of the host that wrote it.");
        }
        Map<String, Long> counts = new LinkedHashMap<>();
        for (Table table : Table.ALL) {
            // An earlier host may have had no such table.
            if (manifest.path("files").has(table.file())) {
                counts.put(table.name(), check(table, manifest.path("files").path(table.file())));
            }
        }
        try {
            report = new BackupReport(
                    Instant.parse(manifest.path("created").asText()),
                    manifest.path("host").asText(),
                    found,
                    counts);
        } catch (DateTimeException e) {
            throw invalid("The manifest of the backup doesn't say when it was created.");
        }
    }

    /**
     * Open a backup and check it whole.
     *
     * @param schema the newest schema that may be in it
     * @throws LlmgineException {@code invalid_request} when it is none, not whole, or newer
     */
    static BackupFile open(Path file, int schema) {
        ZipFile zip;
        try {
            zip = new ZipFile(file.toFile(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw invalid("The file is no backup, or not all of one: " + e.getMessage() + ".");
        }
        try {
            return new BackupFile(zip, schema);
        } catch (IOException e) {
            close(zip);
            throw invalid("The backup is damaged: " + e.getMessage() + ".");
        } catch (Throwable t) {
            close(zip);
            throw t;
        }
    }

    private static LlmgineException invalid(String message) {
        return new LlmgineException(ErrorCode.INVALID_REQUEST, message).withHint("Nothing was restored.");
    }

    private JsonNode manifest() throws IOException {
        ZipEntry entry = zip.getEntry(MANIFEST);
        if (entry == null) {
            throw invalid("The file is no backup: it has no " + MANIFEST + ".");
        }
        try (InputStream in = zip.getInputStream(entry)) {
            return json.readTree(in);
        } catch (JsonProcessingException e) {
            throw invalid("The " + MANIFEST + " of the backup can't be read.");
        }
    }

    private long check(Table table, JsonNode expected) throws IOException {
        MessageDigest digest = sha256();
        long[] rows = {0};
        try (DigestInputStream in = new DigestInputStream(open(table), digest);
                MappingIterator<JsonNode> lines = json.readerFor(JsonNode.class).readValues(in)) {
            while (lines.hasNextValue()) {
                checkColumns(table, lines.nextValue());
                rows[0]++;
            }
        } catch (JsonProcessingException e) {
            throw invalid(table.file() + " of the backup holds a line that is no JSON.");
        }
        if (!HexFormat.of()
                .formatHex(digest.digest())
                .equals(expected.path("sha256").asText())) {
            throw invalid(table.file() + " of the backup was changed or damaged: its checksum is another.");
        }
        if (rows[0] != expected.path("rows").asLong(-1)) {
            throw invalid(table.file() + " of the backup has " + rows[0] + " rows, not as many as its manifest says.");
        }
        return rows[0];
    }

    /** Take the columns of the first row for those of all. */
    private void checkColumns(Table table, JsonNode row) {
        List<String> names = new ArrayList<>();
        row.fieldNames().forEachRemaining(names::add);
        List<String> first = columns.computeIfAbsent(table, any -> names);
        if (!first.equals(names) || !table.columns().containsAll(names)) {
            throw invalid(table.file() + " of the backup has other columns than the host's: " + names + ".");
        }
    }

    private InputStream open(Table table) throws IOException {
        ZipEntry entry = zip.getEntry(table.file());
        if (entry == null) {
            throw invalid("The backup has no " + table.file() + ", which its manifest names.");
        }
        return zip.getInputStream(entry);
    }

    BackupReport report() {
        return report;
    }

    /** Tell which columns a table's rows have; none when there are no rows. */
    List<String> columns(Table table) {
        return columns.getOrDefault(table, List.of());
    }

    /** Hand on the rows of a table. */
    void each(Table table, Row row) throws SQLException {
        try (MappingIterator<JsonNode> lines = json.readerFor(JsonNode.class).readValues(open(table))) {
            while (lines.hasNextValue()) {
                JsonNode line = lines.nextValue();
                row.take(columns(table).stream()
                        .map(line::get)
                        .map(BackupFile::value)
                        .toArray());
            }
        } catch (IOException e) {
            throw new LlmgineException(ErrorCode.INTERNAL, "The backup can't be read.", e);
        }
    }

    private static @Nullable Object value(JsonNode node) {
        return node.isNull() ? null : node.isNumber() ? (Object) node.longValue() : node.textValue();
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        close(zip);
    }

    private static void close(ZipFile zip) {
        try {
            zip.close();
        } catch (IOException e) {
            throw new LlmgineException(ErrorCode.INTERNAL, "The backup can't be closed.", e);
        }
    }
}
