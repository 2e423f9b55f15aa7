package org.llmgine.plugins.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/**
 * Is the truth about plugins: the file {@code plugins.json}. Each change is on the disk, whole, before anybody sees it; see
 * decision 13. Thread-safe.
 */
final class Ledger {
    private static final int FORMAT = 1;

    private final Path file;
    private final ObjectMapper json = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    private Map<String, Plugin> plugins;

    /**
     * Is what is known of a plugin.
     *
     * @param active the version that serves, by its SHA-256
     * @param former the one that served before; empty for none
     * @param versions those that are kept, the newest last
     */
    record Plugin(boolean enabled, String active, String former, List<Kept> versions) {
        Optional<Kept> version(String sha256) {
            return versions.stream()
                    .filter(kept -> kept.sha256().equals(sha256))
                    .findFirst();
        }

        /** Return the same with a version's bundle somewhere else. */
        Plugin installedAt(Kept version, String location) {
            return new Plugin(
                    enabled,
                    active,
                    former,
                    versions.stream()
                            .map(kept -> kept.sha256().equals(version.sha256()) ? kept.at(location) : kept)
                            .toList());
        }

        Kept activeVersion() {
            return version(active).orElseThrow();
        }
    }

    /**
     * Is a version whose jar is kept.
     *
     * @param location where its bundle is installed, if it is
     * @param time when it was installed, as ISO 8601
     * @param by who asked for it
     */
    record Kept(String version, String sha256, String location, String source, String time, String by) {
        Kept at(String other) {
            return new Kept(version, sha256, other, source, time, by);
        }
    }

    private record Content(int format, Map<String, Plugin> plugins) {}

    /**
     * Read the file; none is an empty one.
     *
     * @throws IOException when it can't be read, or was written by a newer host
     */
    Ledger(Path file) throws IOException {
        this.file = file;
        plugins = read();
    }

    private Map<String, Plugin> read() throws IOException {
        Content content;
        try {
            content = json.readValue(Files.readAllBytes(file), Content.class);
        } catch (NoSuchFileException e) {
            return Map.of();
        } catch (JsonProcessingException e) {
            throw new IOException(file + " is damaged: " + e.getOriginalMessage(), e);
        }
        if (content.format() > FORMAT) {
            throw new IOException(file + " was written by a newer host.");
        }
        boolean whole = content.plugins() != null
                && content.plugins().values().stream()
                        .allMatch(plugin -> plugin.versions() != null
                                && plugin.active() != null
                                && plugin.version(plugin.active()).isPresent());
        if (!whole) {
            throw new IOException(file + " is damaged: a plugin has no active version.");
        }
        return Map.copyOf(content.plugins());
    }

    /** Return all plugins by symbolic name. */
    synchronized Map<String, Plugin> plugins() {
        return plugins;
    }

    Optional<Plugin> plugin(String symbolicName) {
        return Optional.ofNullable(plugins().get(symbolicName));
    }

    /**
     * Change what is known of a plugin.
     *
     * @param change takes what was known and returns what is; empty for nothing
     * @throws LlmgineException {@code unavailable} when it can't be written; nothing has changed then
     */
    synchronized void change(String symbolicName, UnaryOperator<Optional<Plugin>> change) {
        TreeMap<String, Plugin> next = new TreeMap<>(plugins);
        change.apply(Optional.ofNullable(plugins.get(symbolicName)))
                .ifPresentOrElse(plugin -> next.put(symbolicName, plugin), () -> next.remove(symbolicName));
        try {
            write(json.writeValueAsBytes(new Content(FORMAT, next)));
        } catch (IOException e) {
            throw new LlmgineException(
                            ErrorCode.UNAVAILABLE, "The host can't write " + file + ": " + e.getMessage() + ".", e)
                    .withHint("Is its disk full?");
        }
        plugins = Map.copyOf(next);
    }

    private void write(byte[] bytes) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        try (FileChannel channel = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        // The name, too, is only safe once the folder is on the disk.
        try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }
}
