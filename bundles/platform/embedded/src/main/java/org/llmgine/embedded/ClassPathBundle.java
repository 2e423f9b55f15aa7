package org.llmgine.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.apache.felix.utils.manifest.Clause;
import org.apache.felix.utils.manifest.Parser;
import org.llmgine.api.LlmginePlugin;
import org.osgi.framework.Constants;

/**
 * A bundle that lies on the class path, as a jar or as a folder of classes.
 *
 * @param name the symbolic name
 * @param location where it lies, as a URL
 */
record ClassPathBundle(String name, String location, Attributes headers) {
    private static final String MANIFEST = "META-INF/MANIFEST.MF";

    /** What the framework itself exports. */
    private static final List<String> FRAMEWORKS_OWN = List.of(
            "org.osgi.framework",
            "org.osgi.resource",
            "org.osgi.dto",
            "org.osgi.util.tracker",
            "org.osgi.service.condition",
            "org.osgi.service.packageadmin",
            "org.osgi.service.resolver",
            "org.osgi.service.startlevel",
            "org.osgi.service.url",
            "org.apache.felix.framework");

    /** List what a class loader sees in jars and folders; of two of one name the first, as it is with their classes. */
    static List<ClassPathBundle> find(ClassLoader loader) throws IOException {
        Map<String, ClassPathBundle> found = new LinkedHashMap<>();
        for (URL url : Collections.list(loader.getResources(MANIFEST))) {
            String place = url.toString().substring(0, url.toString().length() - MANIFEST.length());
            String location = place.replaceFirst("^jar:(.*)!/$", "$1");
            if (!location.startsWith("file:")) {
                continue;
            }
            Attributes headers = headers(Path.of(URI.create(location)));
            String name = headers.getValue(Constants.BUNDLE_SYMBOLICNAME);
            if (name != null) {
                String symbolicName = Parser.parseHeader(name)[0].getName();
                found.putIfAbsent(symbolicName, new ClassPathBundle(symbolicName, location, headers));
            }
        }
        return List.copyOf(found.values());
    }

    /** Read a manifest's main section only: in some jars each class has a section of its own. */
    private static Attributes headers(Path place) throws IOException {
        if (Files.isDirectory(place)) {
            try (InputStream in = Files.newInputStream(place.resolve(MANIFEST))) {
                return headers(in);
            }
        }
        // No JarFile: it would look for signatures, in more time than all the rest takes.
        try (ZipFile jar = new ZipFile(place.toFile());
                InputStream in = jar.getInputStream(jar.getEntry(MANIFEST))) {
            return headers(in);
        }
    }

    private static Attributes headers(InputStream in) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(in, UTF_8));
        StringBuilder section = new StringBuilder();
        for (String line = lines.readLine(); line != null && !line.isEmpty(); line = lines.readLine()) {
            section.append(line).append('\n');
        }
        return new Manifest(
                        new ByteArrayInputStream(section.append('\n').toString().getBytes(UTF_8)))
                .getMainAttributes();
    }

    boolean isPlugin() {
        return clauses(Constants.PROVIDE_CAPABILITY)
                .anyMatch(capability -> capability.getName().equals(LlmginePlugin.NAMESPACE));
    }

    /** Return what it exports, each package with its version, but for the framework's own. */
    Stream<String> exports() {
        return clauses(Constants.EXPORT_PACKAGE)
                .filter(exported -> FRAMEWORKS_OWN.stream()
                        .noneMatch(own -> exported.getName().equals(own)
                                || exported.getName().startsWith(own + ".")))
                .map(exported -> exported.getName() + ";version=\""
                        + Objects.requireNonNullElse(exported.getAttribute(Constants.VERSION_ATTRIBUTE), "0")
                        + "\"");
    }

    private Stream<Clause> clauses(String header) {
        return Stream.of(Parser.parseHeader(headers.getValue(header)));
    }
}
