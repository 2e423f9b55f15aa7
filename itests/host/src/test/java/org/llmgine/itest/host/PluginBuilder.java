package org.llmgine.itest.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import jdk.security.jarsigner.JarSigner;
import org.apache.felix.hc.api.HealthCheck;
import org.llmgine.api.tool.Tool;
import org.osgi.framework.BundleActivator;

/** Makes bundles of source text, good ones and broken ones. */
final class PluginBuilder {
    /** The bundle of all versions of the plugin {@code greeter}. */
    static final String GREETER = "example.greeter";

    private static final Path FOLDER = Fixtures.TARGET.resolve("made");

    private final Map<String, String> headers = new LinkedHashMap<>();
    private final Map<String, String> sources = new LinkedHashMap<>();
    private final Map<String, String> files = new LinkedHashMap<>();
    private final Set<String> components = new LinkedHashSet<>();

    private PluginBuilder(String symbolicName, String version) {
        headers.put("Manifest-Version", "1.0");
        headers.put("Bundle-ManifestVersion", "2");
        headers.put("Bundle-SymbolicName", symbolicName);
        headers.put("Bundle-Version", version);
    }

    static PluginBuilder bundle(String symbolicName, String version) {
        return new PluginBuilder(symbolicName, version);
    }

    /** Begin a plugin whose tool {@code greet} tells its version. */
    static PluginBuilder greeter(String version) {
        return bundle(GREETER, version)
                .header("Provide-Capability", "org.llmgine.plugin;id=\"greeter\";kind=\"tool\"")
                .header("Import-Package", "org.llmgine.api.tool;version=\"[1.0,2)\"")
                .source("GreetTool", """
                        package example.greeter;

                        import org.llmgine.api.tool.*;

                        public final class GreetTool implements Tool<GreetTool.Arguments> {
                            public record Arguments(@Description("Whom to greet.") String name) {}

                            @Override
                            public ToolDefinition<Arguments> definition() {
                                return ToolDefinition.of("greet", "Greet somebody.", Arguments.class);
                            }

                            @Override
                            public ToolResult call(Arguments arguments, ToolContext context) {
                                return ToolResult.text("Hello, " + arguments.name() + ", from %s!");
                            }
                        }
                        """.formatted(version))
                .component("GreetTool", Tool.class.getName(), "");
    }

    /** Write the tool with a method that DS gives a service to. */
    PluginBuilder waiting() {
        return change(
                "GreetTool",
                text -> text.replaceFirst(
                        "@Override", "public void bind(java.util.function.Supplier<?> given) {}\n\n    @Override"));
    }

    PluginBuilder header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    /** Import one more package. */
    PluginBuilder imports(String clause) {
        return header(
                "Import-Package",
                headers.containsKey("Import-Package") ? headers.get("Import-Package") + "," + clause : clause);
    }

    /** Add a class of the package {@value #GREETER}, or put it in the place of one. */
    PluginBuilder source(String name, String text) {
        sources.put(name, text);
        return this;
    }

    PluginBuilder change(String name, UnaryOperator<String> change) {
        sources.computeIfPresent(name, (same, text) -> change.apply(text));
        return this;
    }

    PluginBuilder activator(String body) {
        return imports("org.osgi.framework;version=\"[1.8,2)\"")
                .header("Bundle-Activator", GREETER + ".Activator")
                .source("Activator", """
                        package example.greeter;

                        import org.osgi.framework.*;

                        public final class Activator implements BundleActivator {
                            @Override
                            public void start(BundleContext context) throws Exception {
                                %s
                            }

                            @Override
                            public void stop(BundleContext context) {}
                        }
                        """.formatted(body));
    }

    /** Describe a component; what it has inside is XML. */
    PluginBuilder component(String className, String service, String inside) {
        components.add(className);
        return file("OSGI-INF/" + className + ".xml", """
                        <?xml version="1.0" encoding="UTF-8"?>
                        <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.4.0" name="%1$s.%2$s">
                          <implementation class="%1$s.%2$s"/>
                          <service><provide interface="%3$s"/></service>
                          %4$s
                        </scr:component>
                        """.formatted(GREETER, className, service, inside));
    }

    PluginBuilder file(String name, String text) {
        files.put(name, text);
        return this;
    }

    /** Make the jar, in a file of that name. */
    Path build(String name) throws IOException {
        if (!components.isEmpty()) {
            headers.put(
                    "Service-Component",
                    components.stream().map(one -> "OSGI-INF/" + one + ".xml").collect(Collectors.joining(",")));
        }
        Manifest manifest = new Manifest();
        headers.forEach((header, value) -> manifest.getMainAttributes().put(new Attributes.Name(header), value));
        Path classes = FOLDER.resolve(name + "-classes");
        Fixtures.delete(classes);
        Files.createDirectories(classes);
        if (!sources.isEmpty()) {
            compile(classes);
        }
        Path jar = FOLDER.resolve(name + ".jar");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream zip = new JarOutputStream(out, manifest);
                Stream<Path> compiled = Files.walk(classes)) {
            for (Path file : compiled.filter(Files::isRegularFile).toList()) {
                add(zip, classes.relativize(file).toString(), Files.readAllBytes(file));
            }
            for (Map.Entry<String, String> file : files.entrySet()) {
                add(zip, file.getKey(), file.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
        return jar;
    }

    private static void add(ZipOutputStream zip, String name, byte[] content) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(content);
        zip.closeEntry();
    }

    private void compile(Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<JavaFileObject> units = new ArrayList<>();
        sources.forEach((name, text) -> units.add(new Source(name, text)));
        String path = Stream.of(Tool.class, BundleActivator.class, HealthCheck.class)
                .map(PluginBuilder::jarOf)
                .collect(Collectors.joining(System.getProperty("path.separator")));
        StringWriter said = new StringWriter();
        List<String> options =
                List.of("-proc:none", "-nowarn", "--release", "25", "-cp", path, "-d", classes.toString());
        if (!compiler.getTask(said, null, null, options, null, units).call()) {
            throw new IOException(said.toString());
        }
    }

    private static String jarOf(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sign a jar as jarsigner does. */
    static Path sign(Path jar, KeyStore signer) throws IOException, GeneralSecurityException {
        Path signed = jar.resolveSibling("signed-" + jar.getFileName());
        JarSigner jarSigner = new JarSigner.Builder(
                        TlsCertificates.keyOf(signer),
                        CertificateFactory.getInstance("X.509")
                                .generateCertPath(List.of(TlsCertificates.certificateOf(signer))))
                .build();
        try (ZipFile in = new ZipFile(jar.toFile());
                OutputStream out = Files.newOutputStream(signed)) {
            jarSigner.sign(in, out);
        }
        return signed;
    }

    /** Copy a jar with other content of an entry, which may be a new one. */
    static Path changed(Path jar, String entry, String content) throws IOException {
        Path copy = jar.resolveSibling("changed-" + jar.getFileName());
        try (InputStream file = Files.newInputStream(jar);
                ZipInputStream in = new ZipInputStream(file);
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(copy))) {
            for (ZipEntry one = in.getNextEntry(); one != null; one = in.getNextEntry()) {
                if (!one.getName().equals(entry)) {
                    add(out, one.getName(), in.readAllBytes());
                }
            }
            add(out, entry, content.getBytes(StandardCharsets.UTF_8));
        }
        return copy;
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String name, String text) {
            super(URI.create("string:///example/greeter/" + name + ".java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
