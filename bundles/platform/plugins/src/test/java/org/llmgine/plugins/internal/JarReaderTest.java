package org.llmgine.plugins.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.plugins.PluginEntry;
import org.osgi.framework.Version;

/** Each jar that is refused says what is wrong, and what would mend it. */
class JarReaderTest {
    private static final String CAPABILITY = "org.llmgine.plugin;id=\"greeter\";kind=\"tool\"";

    private final JarReader reader = new JarReader(25);
    private final Map<String, String> headers = new LinkedHashMap<>(Map.of(
            "Manifest-Version", "1.0",
            "Bundle-ManifestVersion", "2",
            "Bundle-SymbolicName", "example.greeter",
            "Bundle-Version", "1.2.3",
            "Provide-Capability", CAPABILITY));

    @TempDir
    private Path folder;

    @Test
    void aPluginTellsWhatItIs() throws IOException {
        headers.put(
                "Provide-Capability",
                CAPABILITY + ";name=\"Greeter\";description=\"It greets.\";author=\"Ann\";icon=\"icon.svg\""
                        + ";links:List<String>=\"https://example.org\";permissions:List<String>=\"network,files\""
                        + ";pids:List<String>=\"example.greeter\";upgrade=\"exclusive\"");

        PluginJar jar = reader.read(jar(), "abc");

        assertThat(jar.id()).isEqualTo("greeter");
        assertThat(jar.kinds()).containsExactly("tool");
        assertThat(jar.symbolicName()).isEqualTo("example.greeter");
        assertThat(jar.version()).isEqualTo(new Version("1.2.3"));
        assertThat(jar.sha256()).isEqualTo("abc");
        assertThat(jar.isExclusive()).isTrue();
        assertThat(jar.about())
                .isEqualTo(new PluginEntry.About(
                        "Greeter",
                        "It greets.",
                        "Ann",
                        "icon.svg",
                        List.of("https://example.org"),
                        List.of("network", "files"),
                        List.of("example.greeter"),
                        PluginEntry.About.EXCLUSIVE));
    }

    @Test
    void whatItDoesntSayIsEmpty() throws IOException {
        PluginJar jar = reader.read(jar(), "abc");

        assertThat(jar.about())
                .isEqualTo(new PluginEntry.About("", "", "", "", List.of(), List.of(), List.of(), "parallel"));
        assertThat(jar.isExclusive()).isFalse();
    }

    @Test
    void aFileThatIsNoJar() throws IOException {
        Path file = Files.writeString(folder.resolve("x.jar"), "<html>404</html>");

        refuses(file, "The file is not a jar that can be read", "sent whole");
    }

    @Test
    void aJarThatBrokeOff() throws IOException {
        byte[] whole = Files.readAllBytes(jar());

        refuses(
                Files.write(folder.resolve("half.jar"), Arrays.copyOf(whole, whole.length / 2)),
                "The file is not a jar that can be read",
                "sent whole");
    }

    @Test
    void aJarWithoutAManifest() throws IOException {
        headers.clear();

        refuses(jar(), "has no META-INF/MANIFEST.MF", "bnd-maven-plugin");
    }

    @Test
    void aJarThatIsNoBundle() throws IOException {
        headers.remove("Bundle-SymbolicName");

        refuses(jar(), "has no Bundle-SymbolicName", "bnd-maven-plugin");
    }

    @Test
    void aVersionThatIsNone() throws IOException {
        headers.put("Bundle-Version", "latest");

        refuses(jar(), "'latest' is no version", "1.2.0");
    }

    @Test
    void aHeaderThatCantBeRead() throws IOException {
        headers.put("Import-Package", "a;version=\"[1,\"");

        refuses(jar(), "manifest can't be read", "header");
    }

    @Test
    void aBundleThatIsNoPlugin() throws IOException {
        headers.remove("Provide-Capability");

        refuses(jar(), "lacks the capability org.llmgine.plugin", "@LlmginePlugin");
    }

    @Test
    void anIdThatCantBeUsed() throws IOException {
        headers.put("Provide-Capability", CAPABILITY.replace("greeter", "Greeter & Co"));

        refuses(jar(), "Its id 'Greeter & Co'", "lower-case");
    }

    @Test
    void aPluginWithoutAKind() throws IOException {
        headers.put("Provide-Capability", "org.llmgine.plugin;id=\"greeter\"");

        refuses(jar(), "names no kind", "LlmginePlugin.TOOL");
    }

    @Test
    void aPluginWithTwoIds() throws IOException {
        headers.put("Provide-Capability", CAPABILITY + "," + CAPABILITY.replace("greeter", "other"));

        refuses(jar(), "several ids", "one id");
    }

    @Test
    void aFragment() throws IOException {
        headers.put("fragment-host", "org.llmgine.core");

        refuses(jar(), "is a fragment", "one bundle");
    }

    @Test
    void aBundleThatExports() throws IOException {
        headers.put("Export-Package", "example.greeter");

        refuses(jar(), "exports packages", "Remove Export-Package");
    }

    @Test
    void aSingleton() throws IOException {
        headers.put("Bundle-SymbolicName", "example.greeter; singleton:=TRUE");

        refuses(jar(), "is a singleton", "upgrade=exclusive");
    }

    @Test
    void classesOfANewerJava() throws IOException {
        refuses(jar(entry("a/B.class", classFile(99))), "for Java 55 and this host runs on Java 25", "--release 25");
    }

    @Test
    void aClassFileThatIsNone() throws IOException {
        refuses(
                jar(entry("a/B.class", "hello, hello".getBytes(StandardCharsets.UTF_8))),
                "is no class file",
                "Build it");
    }

    @Test
    void classesThatThisJavaRuns() throws IOException {
        Path file = jar(entry("a/B.class", classFile(69)), entry("META-INF/versions/99/a/B.class", classFile(143)));

        assertThat(reader.read(file, "abc").id()).isEqualTo("greeter");
    }

    @Test
    void anEntryThatLeavesTheJar() throws IOException {
        for (String name : List.of("../../etc/passwd", "/etc/passwd", "a/../../b", "C:/b", "a\\..\\b")) {
            refuses(jar(entry(name, new byte[1])), "points out of the jar", "relative paths");
        }
    }

    @Test
    void aZipBomb() throws IOException {
        refuses(jar(entry("zeros", new byte[60 << 20])), "unpacks to far more", "zip bomb");
    }

    @Test
    void tooManyEntries() throws IOException {
        Entry[] entries = IntStream.range(0, 50_001)
                .mapToObj(i -> entry("e" + i, new byte[0]))
                .toArray(Entry[]::new);

        refuses(jar(entries), "more than 50000 entries", "doesn't need");
    }

    @Test
    void settingsThatAreNoXml() throws IOException {
        refuses(
                jar(settings("<MetaData><OCD")),
                "in OSGI-INF/metatype/x.xml are no XML that can be read",
                "Let bnd make");
        refuses(
                jar(settings("<!DOCTYPE a SYSTEM \"file:/etc/passwd\"><a/>")),
                "no XML that can be read",
                "Let bnd make");
    }

    @Test
    void settingsWhoseDefaultsDontFit() throws IOException {
        for (String wrong : List.of(
                "type=\"Integer\" default=\"many\"",
                "type=\"Integer\" default=\"3000000000\"",
                "type=\"Byte\" default=\"-129\"",
                "type=\"Long\" default=\"1.5\"",
                "type=\"Double\" default=\"wide\"",
                "type=\"Boolean\" default=\"yes\"",
                "type=\"Character\" default=\"ab\"",
                "type=\"Integer\" default=\"5\" min=\"10\"",
                "type=\"Integer\" default=\"5\" max=\"4\"",
                "type=\"String\" default=\"abc\" max=\"2\"",
                "type=\"Integer\" cardinality=\"3\" default=\"1,two\"")) {
            refuses(
                    jar(settings(ocd(wrong))),
                    "Its setting 'limit' in OSGI-INF/metatype/x.xml has the default",
                    "Mend");
        }
        refuses(
                jar(settings(ocd("type=\"String\" default=\"c\"")
                        .replace("/></OCD>", "><Option value=\"a\"/><Option value=\"b\"/></AD></OCD>"))),
                "has the default 'c', which is not what it takes: a, b.",
                "Mend");
    }

    @Test
    void settingsThatMakeNoSense() throws IOException {
        refuses(jar(settings(ocd("type=\"Colour\""))), "has the type 'Colour', which there isn't", "Mend");
        refuses(jar(settings(ocd("type=\"Integer\" min=\"low\""))), "has a min, max or cardinality that is no", "Mend");
        refuses(
                jar(settings(ocd("type=\"Integer\"").replace("ocdref=\"one\"", "ocdref=\"other\""))),
                "name the definition 'other', which isn't there",
                "Let bnd make");
    }

    @Test
    void settingsThatAreGood() throws IOException {
        for (String good : List.of(
                "type=\"Integer\" default=\"10\" min=\"1\" max=\"10\"",
                "type=\"String\" default=\"\"",
                "type=\"Password\"",
                "type=\"Boolean\" default=\"TRUE\"",
                "type=\"Char\" default=\"x\"",
                "type=\"Float\" default=\"1.5\"",
                "type=\"Short\" cardinality=\"-3\" default=\"1,2\"",
                "type=\"String\" cardinality=\"2\" max=\"3\" default=\"a\\,b,c\"")) {
            assertThat(reader.read(jar(settings(ocd(good))), "abc").id()).isEqualTo("greeter");
        }
    }

    private static Entry settings(String xml) {
        return entry("OSGI-INF/metatype/x.xml", xml.getBytes(StandardCharsets.UTF_8));
    }

    private static String ocd(String attributes) {
        return "<?xml version=\"1.0\"?><metatype:MetaData xmlns:metatype=\"http://www.osgi.org/xmlns/metatype/v1.4.0\">"
                + "<OCD id=\"one\" name=\"One\"><AD id=\"limit\" " + attributes + "/></OCD>"
                + "<Designate pid=\"example\"><Object ocdref=\"one\"/></Designate></metatype:MetaData>";
    }

    private record Entry(String name, byte[] content) {}

    private static Entry entry(String name, byte[] content) {
        return new Entry(name, content);
    }

    private static byte[] classFile(int version) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(0xCAFEBABE);
            out.writeShort(0);
            out.writeShort(version);
        }
        return bytes.toByteArray();
    }

    private Path jar(Entry... entries) throws IOException {
        Path file = Files.createTempFile(folder, "", ".jar");
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            if (!headers.isEmpty()) {
                StringBuilder manifest = new StringBuilder();
                headers.forEach((name, value) -> manifest.append(folded(name + ": " + value)));
                write(
                        zip,
                        entry(
                                "META-INF/MANIFEST.MF",
                                manifest.append("\n").toString().getBytes(StandardCharsets.UTF_8)));
            }
            for (Entry entry : entries) {
                write(zip, entry);
            }
        }
        return file;
    }

    /** A manifest's lines have 72 bytes at most. */
    private static String folded(String line) {
        StringBuilder folded = new StringBuilder();
        String rest = line;
        while (rest.length() > 70) {
            folded.append(rest, 0, 70).append("\n ");
            rest = rest.substring(70);
        }
        return folded.append(rest).append("\n").toString();
    }

    private static void write(ZipOutputStream zip, Entry entry) throws IOException {
        zip.putNextEntry(new ZipEntry(entry.name()));
        zip.write(entry.content());
        zip.closeEntry();
    }

    private void refuses(Path file, String message, String hint) {
        assertThatThrownBy(() -> reader.read(file, "abc")).isInstanceOfSatisfying(LlmgineException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.PLUGIN_REFUSED);
            assertThat(e).hasMessageContaining(message);
            assertThat(e.getMessage().lines()).hasSize(1);
            assertThat(e.hint().orElse("")).contains(hint);
        });
    }
}
