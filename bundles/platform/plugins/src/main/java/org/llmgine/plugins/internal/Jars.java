package org.llmgine.plugins.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.jar.JarFile;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/** Is the folder of the jars, each named after its SHA-256. */
final class Jars {
    private static final String JAR = ".jar";
    private static final String PART = ".part";

    private final Path folder;
    private final Map<String, PluginJar> described = new ConcurrentHashMap<>();

    Jars(Path folder) {
        this.folder = folder;
    }

    /** A jar that was taken in and is not named yet; closing throws it away, unless it was kept. */
    final class Incoming implements AutoCloseable {
        private final Path part;
        private final String sha256;

        private Incoming(Path part, String sha256) {
            this.part = part;
            this.sha256 = sha256;
        }

        Path path() {
            return part;
        }

        String sha256() {
            return sha256;
        }

        /** Give it its name, so that it stays. */
        void keep() throws IOException {
            if (Files.exists(file(sha256))) {
                return;
            }
            try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(part, file(sha256), StandardCopyOption.ATOMIC_MOVE);
        }

        @Override
        public void close() throws IOException {
            Files.deleteIfExists(part);
        }
    }

    /**
     * Take a jar in.
     *
     * @param most how many bytes it may have
     * @throws LlmgineException {@code too_large}
     */
    Incoming take(InputStream from, long most) throws IOException {
        Files.createDirectories(folder);
        Path part = Files.createTempFile(folder, "", PART);
        MessageDigest digest = sha256Digest();
        try (OutputStream out = new DigestOutputStream(Files.newOutputStream(part), digest)) {
            byte[] buffer = new byte[1 << 16];
            long bytes = 0;
            for (int read; (read = from.read(buffer)) >= 0; ) {
                bytes += read;
                if (bytes > most) {
                    throw new LlmgineException(
                                    ErrorCode.TOO_LARGE,
                                    "The jar has more than " + most + " bytes, which is what the host takes.")
                            .withHint("Raise maxJarBytes of " + PluginsConfig.PID
                                    + ", or leave out what it doesn't need.");
                }
                out.write(buffer, 0, read);
            }
        } catch (Throwable t) {
            Files.deleteIfExists(part);
            throw t;
        }
        return new Incoming(part, HexFormat.of().formatHex(digest.digest()));
    }

    /** Return a file's SHA-256, in hexadecimal. */
    static String sha256(Path file) throws IOException {
        MessageDigest digest = sha256Digest();
        try (OutputStream sink = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
            Files.copy(file, sink);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256Digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    Path file(String sha256) {
        return folder.resolve(sha256 + JAR);
    }

    /** Describe a version by its jar. */
    PluginJar describe(Ledger.Kept version) throws IOException {
        PluginJar known = described.get(version.sha256());
        if (known == null) {
            try (JarFile jar = new JarFile(file(version.sha256()).toFile())) {
                known = JarReader.describe(jar.getManifest().getMainAttributes(), version.sha256());
            }
            described.put(version.sha256(), known);
        }
        return known;
    }

    InputStream open(String sha256) throws IOException {
        return Files.newInputStream(file(sha256));
    }

    void drop(String sha256) throws IOException {
        Files.deleteIfExists(file(sha256));
        described.remove(sha256);
    }

    /** Delete all jars but those, and what was left of some that never came whole. Only while none is taken in. */
    void retain(Set<String> sha256s) throws IOException {
        Files.createDirectories(folder);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*{" + JAR + "," + PART + "}")) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (!sha256s.contains(name.replace(JAR, ""))) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
