package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.felix.hc.api.HealthCheck;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Broken versions of a plugin that serves. Each is refused in a sentence; afterwards the former version serves, nothing of the
 * broken one is left, and no other bundle was touched. The host takes only what is signed. Jars that are refused as files are in
 * the unit tests of the plugin manager.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class BrokenPluginsIT {
    private static final String JSON = "application/json";
    private static final String ASK = "Call the tool greet with {\"name\":\"Ada\"}";

    private static Host host;
    private static KeyStore ann;
    private static KeyStore stranger;
    private static Path watched;

    private long seen;
    private Set<String> jars = Set.of();

    @BeforeAll
    static void start() throws Exception {
        TlsCertificates keys = new TlsCertificates(Fixtures.TARGET.resolve("signers"));
        ann = keys.make("ann");
        stranger = keys.make("stranger");
        Path trust = Fixtures.TARGET.resolve("signers/trust.pem");
        Files.writeString(
                trust,
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(
                                        TlsCertificates.certificateOf(ann).getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
        host = Host.unpack("broken")
                .withSettings("org.llmgine.plugins", "signatures = require\ntrustStore = " + trust + "\nwatchMs = 0\n")
                .start();
        watched = Path.of(host.journal().file() + ".bundles");
        try (Shell shell = host.shell()) {
            shell.install(watcher());
            shell.install(library("lib.b.one", "lib.b;version=1.0.0", ""));
            shell.install(library("lib.b.two", "lib.b;version=2.0.0", ""));
            shell.install(library("lib.a", "lib.a;version=1.0.0;uses:=lib.b", "lib.b;version=\"[1.0,2)\""));
        }
        HttpResponse<String> answer = install(signed(PluginBuilder.greeter("1.0.0")));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("It is signed by CN=ann.");
    }

    @AfterAll
    static void stop() {
        host.close();
    }

    /** A bundle that writes down what happens to bundles. */
    private static Path watcher() throws IOException {
        return PluginBuilder.bundle("example.watcher", "1.0.0")
                .activator("""
                        java.nio.file.Path file = java.nio.file.Path.of(System.getProperty("llmgine.itest.journal") + ".bundles");
                        context.addBundleListener((SynchronousBundleListener) event -> write(file, "bundle " + event.getType()
                                + " " + event.getBundle().getSymbolicName() + " " + event.getBundle().getVersion()));
                        write(file, "watching - -");
                        """)
                .change(
                        "Activator",
                        text -> text.replace("public void stop(", """
                        private static synchronized void write(java.nio.file.Path file, String line) {
                            try {
                                java.nio.file.Files.writeString(file, line + "\\n", java.nio.file.StandardOpenOption.CREATE,
                                        java.nio.file.StandardOpenOption.APPEND);
                            } catch (java.io.IOException e) {
                                throw new java.io.UncheckedIOException(e);
                            }
                        }

                        @Override
                        public void stop(""")
                                .replaceFirst("@Override\\s+private static", "private static"))
                .build("watcher");
    }

    private static Path library(String name, String exports, String imports) throws IOException {
        PluginBuilder library = PluginBuilder.bundle(name, "1.0.0").header("Export-Package", exports);
        return (imports.isEmpty() ? library : library.header("Import-Package", imports)).build(name);
    }

    private static Path signed(PluginBuilder plugin) throws IOException, GeneralSecurityException {
        return PluginBuilder.sign(plugin.build("greeter"), ann);
    }

    private static HttpResponse<String> install(Path jar) {
        return host.api().upload("/api/plugins", jar, JSON);
    }

    @BeforeEach
    void remember() throws IOException {
        seen = events().size();
        jars = jars();
    }

    private static List<String> events() throws IOException {
        return Files.readAllLines(watched, StandardCharsets.UTF_8);
    }

    private static Set<String> jars() throws IOException {
        try (Stream<Path> files = Files.list(host.data().resolve("plugins/jars"))) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /** Whatever was tried, the former version serves and all else is as it was. */
    @AfterEach
    void nothingHasChanged() throws IOException {
        assertThat(host.api().ask("engine/tool-chat", ASK).text()).contains("Hello, Ada, from 1.0.0!");
        assertThat(jars()).isEqualTo(jars);
        assertThat(events().stream().skip(seen)).allMatch(event -> event.contains(" " + PluginBuilder.GREETER + " 2."));
        assertThat(plugin().path("active").asText()).isEqualTo("1.0.0");
    }

    private static JsonNode plugin() {
        return host.api().json("/api/plugins/greeter");
    }

    private void nothingIsLeft() throws IOException {
        List<String> events = events().stream().skip(seen).toList();
        assertThat(events).last().asString().startsWith("bundle 16 ");
        assertThat(plugin().path("versions")).hasSize(1);
    }

    /** What a check finds; the framework has not heard of it. */
    private void isRefused(Path jar, String... words) throws IOException {
        HttpResponse<String> dry = host.api().upload("/api/plugins?dryRun=true", jar, JSON);
        assertThat(dry.statusCode()).as(dry.body()).isEqualTo(200);
        assertThat(dry.body()).contains("\"passed\":false");

        HttpResponse<String> answer = install(jar);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
        isASentence(answer, "plugin_refused", words);
        assertThat(events()).hasSize((int) seen);
    }

    /** What only shows when it starts. */
    private void fails(Path jar, String... words) throws IOException {
        HttpResponse<String> answer = install(jar);

        assertThat(answer.statusCode()).as(answer.body()).isGreaterThanOrEqualTo(400);
        isASentence(answer, "plugin_failed", words);
    }

    /** What only shows when the time to become ready is over; there is little of it meanwhile. */
    private void failsInTheEnd(Path jar, String... words) throws IOException {
        host.api().set("org.llmgine.plugins", "readyTimeoutMs", "5000");
        try {
            fails(jar, words);
        } finally {
            host.api().set("org.llmgine.plugins", "readyTimeoutMs", "null");
        }
    }

    private static void isASentence(HttpResponse<String> answer, String code, String... words) {
        JsonNode problem = Api.parse(answer.body());
        String told =
                problem.path("detail").asText() + " " + problem.path("hint").asText();
        assertThat(problem.path("code").asText()).isEqualTo(code);
        assertThat(told).contains(words).doesNotContain("\\n").doesNotContain("Exception");
        assertThat(told.strip()).endsWith(".");
    }

    @Test
    @Order(1)
    void anUnsignedOne() throws IOException {
        isRefused(PluginBuilder.greeter("2.0.0").build("unsigned"), "The jar is not signed.", "Sign it with jarsigner");
    }

    @Test
    @Order(2)
    void oneThatAStrangerSigned() throws Exception {
        isRefused(
                PluginBuilder.sign(PluginBuilder.greeter("2.0.0").build("foreign"), stranger),
                "It is signed by CN=stranger, whom the trust store",
                "add his certificate");
    }

    @Test
    @Order(3)
    void oneThatWasTamperedWith() throws Exception {
        isRefused(
                PluginBuilder.changed(signed(PluginBuilder.greeter("2.0.0")), "OSGI-INF/GreetTool.xml", "<evil/>"),
                "was changed after it was signed",
                "Get it again");
    }

    @Test
    @Order(4)
    void oneThatGotAnEntryMore() throws Exception {
        isRefused(
                PluginBuilder.changed(signed(PluginBuilder.greeter("2.0.0")), "added.txt", "evil"),
                "no signature that counts covers 'added.txt'",
                "Sign it again");
    }

    @Test
    @Order(5)
    void oneForAnotherApi() throws Exception {
        isRefused(
                signed(PluginBuilder.greeter("2.0.0")
                        .header("Import-Package", "org.llmgine.api.tool;version=\"[9.0,10)\"")),
                "It was built for another api: it needs the package org.llmgine.api.tool in version [9.0.0,10.0.0)",
                "Build it against this host's api.");
    }

    @Test
    @Order(6)
    void oneThatLacksAPackage() throws Exception {
        isRefused(
                signed(PluginBuilder.greeter("2.0.0").imports("com.example.gone;version=\"[1.0,2)\"")),
                "It needs what nothing here offers: the package com.example.gone in version [1.0.0,2.0.0)",
                "Put libraries into the plugin's jar.");
    }

    @Test
    @Order(7)
    void oneWhoseLibrariesDontGoTogether() throws Exception {
        isRefused(
                signed(PluginBuilder.greeter("2.0.0").imports("lib.a,lib.b;version=\"[2.0,3)\"")),
                "It would see the package lib.b twice",
                "Import the version that the others use");
    }

    @Test
    @Order(8)
    void oneWithNativeCodeForAnotherSystem() throws Exception {
        isRefused(
                signed(PluginBuilder.greeter("2.0.0")
                        .header("Bundle-NativeCode", "lib/greet.dll; osname=Plan9; processor=x86")
                        .file("lib/greet.dll", "MZ")),
                "native code for another system: this one is ");
    }

    @Test
    @Order(9)
    void oneWhoseSettingsAreNoXml() throws Exception {
        isRefused(
                signed(PluginBuilder.greeter("2.0.0").file("OSGI-INF/metatype/greeter.xml", "<MetaData><OCD")),
                "OSGI-INF/metatype/greeter.xml are no XML that can be read",
                "Let bnd make the file");
    }

    @Test
    @Order(10)
    void oneWhoseDefaultDoesntFit() throws Exception {
        isRefused(
                signed(PluginBuilder.greeter("2.0.0")
                        .file(
                                "OSGI-INF/metatype/greeter.xml",
                                "<MetaData><OCD id=\"g\" name=\"g\"><AD id=\"limit\" type=\"Integer\" default=\"many\"/>"
                                        + "</OCD></MetaData>")),
                "Its setting 'limit' in OSGI-INF/metatype/greeter.xml has the default 'many'",
                "Mend its @AttributeDefinition.");
    }

    @Test
    @Order(11)
    void oneWithAnotherSum() throws Exception {
        HttpResponse<String> answer = host.api()
                .upload("/api/plugins?sha256=" + "0".repeat(64), signed(PluginBuilder.greeter("2.0.0")), JSON);

        assertThat(answer.statusCode()).isEqualTo(422);
        isASentence(answer, "plugin_refused", "and not 0000", "Get it again");
    }

    @Test
    @Order(12)
    void oneOfTheSameVersionWithOtherContent() throws Exception {
        isRefused(
                signed(PluginBuilder.greeter("1.0.0").file("more.txt", "more")),
                "Version 1.0.0 of example.greeter is here already, with other content",
                "Raise its Bundle-Version.");
    }

    @Test
    @Order(13)
    void oneWithTheIdOfAnother() throws Exception {
        isRefused(
                signed(PluginBuilder.greeter("2.0.0")
                        .header("Provide-Capability", "org.llmgine.plugin;id=\"clock\";kind=\"tool\"")),
                "The id 'clock' belongs to the plugin org.llmgine.tool.clock",
                "another id");
    }

    @Test
    @Order(20)
    void anActivatorThatThrows() throws Exception {
        fails(
                signed(PluginBuilder.greeter("2.0.0")
                        .activator("throw new IllegalStateException(\"The licence is gone\");")),
                "It did not start: The licence is gone.");
        nothingIsLeft();
    }

    @Test
    @Order(21)
    void aComponentThatIsNeverSatisfied() throws Exception {
        failsInTheEnd(
                signed(PluginBuilder.greeter("2.0.0")
                        .waiting()
                        .component(
                                "GreetTool",
                                "org.llmgine.api.tool.Tool",
                                "<reference name=\"database\" interface=\"java.util.function.Supplier\" target=\"(no=such)\""
                                        + " bind=\"bind\"/>")),
                "Its component example.greeter.GreetTool waits for a service: database.",
                "It was given ");
        nothingIsLeft();
    }

    @Test
    @Order(22)
    void aComponentWhoseConstructorThrows() throws Exception {
        fails(
                signed(
                        PluginBuilder.greeter("2.0.0")
                                .change(
                                        "GreetTool",
                                        text -> text.replaceFirst(
                                                "\\{\\s+public record",
                                                "{ public GreetTool() { throw new IllegalStateException(\"No key.\"); }\n public record"))),
                "No key");
        nothingIsLeft();
    }

    @Test
    @Order(23)
    void oneThatIsNeverHealthy() throws Exception {
        failsInTheEnd(
                signed(PluginBuilder.greeter("2.0.0")
                        .imports("org.apache.felix.hc.api;version=\"[2.0,3)\"")
                        .source("Check", """
                                package example.greeter;

                                import org.apache.felix.hc.api.*;

                                public final class Check implements HealthCheck {
                                    @Override
                                    public Result execute() {
                                        return new Result(Result.Status.CRITICAL, "The index is torn");
                                    }
                                }
                                """)
                        .component(
                                "Check", HealthCheck.class.getName(), "<property name=\"hc.name\" value=\"index\"/>")),
                "Its health check index is CRITICAL: The index is torn.",
                "It was given ");
        nothingIsLeft();
    }

    /** Its thread can't be ended, so its bundle stays until the next start. */
    @Test
    @Order(30)
    void anActivatorThatHangs() throws Exception {
        failsInTheEnd(
                signed(PluginBuilder.greeter("2.0.0").activator("new java.util.concurrent.CountDownLatch(1).await();")),
                "Its activator had not returned after 5000 ms.");

        JsonNode inert = plugin().path("versions").path(0);
        assertThat(inert.path("version").asText()).isEqualTo("2.0.0");
        assertThat(inert.path("state").asText()).isEqualTo("failed");
        assertThat(inert.path("problem").asText()).contains("had not returned", "until the next start");
        nothingHasChanged();

        host.kill();
        Files.delete(watched);
        host.start();
        Until.holds(
                Duration.ofSeconds(20),
                () -> "the former version does not serve",
                // The last bundle is started, and the plugin, which may be before the watcher.
                () -> events().contains("bundle 2 lib.a 1.0.0")
                        && plugin().path("versions")
                                .path(0)
                                .path("state")
                                .asText()
                                .equals("active")
                        && host.api().ask("engine/tool-chat", ASK).text().contains("Hello, Ada, from 1.0.0!"));
        seen = events().size();
        assertThat(plugin().path("versions")).hasSize(1);
        try (Shell shell = host.shell()) {
            assertThat(shell.run("bundle:list -s")).doesNotContain("2.0.0");
        }
    }
}
