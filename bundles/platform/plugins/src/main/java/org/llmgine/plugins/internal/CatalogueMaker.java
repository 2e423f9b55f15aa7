package org.llmgine.plugins.internal;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.llmgine.plugins.PluginEntry.About;
import org.llmgine.plugins.internal.CatalogueFile.Entry;
import org.llmgine.plugins.internal.CatalogueFile.Offered;

/** Makes a catalogue's {@code index.json} of the plugins in a folder; the build makes the distribution's with it. */
public final class CatalogueMaker {
    private CatalogueMaker() {}

    /**
     * Make one.
     *
     * @param arguments the catalogue's name, the folder that is searched for plugins, and the folder that is written into
     */
    public static void main(String[] arguments) throws IOException {
        Path catalogue = Files.createDirectories(Path.of(arguments[2]).toAbsolutePath());
        CatalogueFile file = make(arguments[0], Path.of(arguments[1]).toAbsolutePath(), catalogue);
        Files.write(catalogue.resolve(Catalogues.INDEX), file.bytes());
    }

    static CatalogueFile make(String name, Path folder, Path catalogue) throws IOException {
        Map<String, Entry> entries = new TreeMap<>();
        List<Path> jars;
        try (Stream<Path> files = Files.walk(folder)) {
            jars = files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        }
        JarReader reader = new JarReader(Runtime.version().feature());
        for (Path jar : jars) {
            if (isPlugin(jar)) {
                PluginJar plugin = reader.read(jar, sha256(jar));
                Offered version = new Offered(
                        plugin.version().toString(), relative(catalogue, jar), plugin.sha256(), plugin.api());
                entries.merge(plugin.id(), entry(plugin, version), CatalogueMaker::with);
            }
        }
        return new CatalogueFile(CatalogueFile.FORMAT, name, List.copyOf(entries.values()));
    }

    private static Entry entry(PluginJar plugin, Offered version) {
        About about = plugin.about();
        return new Entry(
                plugin.id(),
                about.name(),
                about.description(),
                plugin.kinds(),
                about.author(),
                about.icon(),
                about.links(),
                List.of(version));
    }

    private static Entry with(Entry known, Entry other) {
        List<Offered> versions = new ArrayList<>(known.versions());
        versions.addAll(other.versions());
        return new Entry(
                other.id(),
                other.name(),
                other.description(),
                other.kinds(),
                other.author(),
                other.icon(),
                other.links(),
                versions);
    }

    private static String relative(Path folder, Path jar) {
        try {
            return new URI(null, null, folder.relativize(jar).toString().replace('\\', '/'), null).getRawPath();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isPlugin(Path file) throws IOException {
        try (JarFile jar = new JarFile(file.toFile())) {
            return jar.getManifest() != null
                    && JarReader.isPlugin(jar.getManifest().getMainAttributes());
        }
    }

    private static String sha256(Path file) throws IOException {
        try (DigestInputStream in =
                new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
            in.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
