package org.llmgine.core.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import org.osgi.framework.BundleContext;

/**
 * The folder of what the host keeps.
 *
 * @param path the folder
 */
record DataFolder(Path path) {
    /** Find it: the framework property {@code llmgine.data}, else {@code karaf.data}. */
    static DataFolder of(BundleContext context) {
        String path = context.getProperty("llmgine.data");
        if (path == null || path.isBlank()) {
            path = context.getProperty("karaf.data");
        }
        if (path == null || path.isBlank()) {
            throw new IllegalStateException("Set the framework property llmgine.data to the host's data folder.");
        }
        return new DataFolder(Path.of(path).toAbsolutePath());
    }

    Path file(String name) {
        return path.resolve(name);
    }

    /** Write a file that only its owner may read, whole or not at all; it is on the disk on return. */
    void write(String name, String text) throws IOException {
        Files.createDirectories(path);
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] ownersOnly = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        Path temporary = Files.createTempFile(path, "." + name, ".tmp", ownersOnly);
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(temporary, file(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
        if (posix) {
            // The name, too, is only safe once the folder is on the disk.
            try (FileChannel folder = FileChannel.open(path, StandardOpenOption.READ)) {
                folder.force(true);
            }
        }
    }
}
