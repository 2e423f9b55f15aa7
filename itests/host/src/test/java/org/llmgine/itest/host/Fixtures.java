package org.llmgine.itest.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.jar.Attributes;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/** Finds what the build made, and makes further versions of the plugins. */
final class Fixtures {
    /** Where the module's own files lie. */
    static final Path MODULE = Path.of(System.getProperty("basedir", "")).toAbsolutePath();

    static final Path TARGET = MODULE.resolve("target");

    private Fixtures() {}

    static Path distribution() {
        return artifact("org.llmgine.distribution");
    }

    static Path scriptedProvider() {
        return artifact("org.llmgine.itest.provider.scripted");
    }

    static Path stampTool() {
        return artifact("org.llmgine.itest.tool.stamp");
    }

    static Path echoEngine() {
        return artifact("org.llmgine.itest.engine.echo");
    }

    static Path busDriver() {
        return artifact("org.llmgine.itest.bus.driver");
    }

    static Path chaosListener() {
        return artifact("org.llmgine.itest.bus.chaos");
    }

    static Path faultyBus() {
        return artifact("org.llmgine.itest.bus.faulty");
    }

    static Path bundleWatcher() {
        return artifact("org.llmgine.itest.bundle.watcher");
    }

    static Path greeterTool() {
        return artifact("org.llmgine.example.greeter");
    }

    static Path hostileTools() {
        return artifact("org.llmgine.itest.tool.hostile");
    }

    static Path jacocoAgent() {
        return artifact("org.jacoco.agent");
    }

    private static Path artifact(String name) {
        return Path.of(System.getProperty(name));
    }

    /** Copy a plugin's jar as another version: what differs is the bundle's version. */
    static Path asVersion(Path jar, String version) throws IOException {
        Path copy = Files.createDirectories(TARGET.resolve("versions"))
                .resolve(jar.getFileName().toString().replaceFirst("-1\\.0\\.0-SNAPSHOT", "-" + version));
        try (JarInputStream in = new JarInputStream(Files.newInputStream(jar))) {
            Manifest manifest = new Manifest(in.getManifest());
            manifest.getMainAttributes().put(new Attributes.Name("Bundle-Version"), version);
            try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(copy), manifest)) {
                for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                    out.putNextEntry(new ZipEntry(entry.getName()));
                    in.transferTo(out);
                }
            }
        }
        return copy;
    }

    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (var paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
