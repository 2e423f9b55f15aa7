package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Plugins from 'llmgine new' to their first call, built from the distribution's own Maven repository. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class ArchetypeIT {
    private static final List<String> KINDS = GeneratedPlugin.KINDS;
    private static final Path FOLDER = Fixtures.TARGET.resolve("archetype");
    private static final Duration LIVE_LIMIT = Duration.ofMinutes(3);
    /** A build is over before the second compiler has paid. */
    private static final String JVM_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

    private static Host host;
    private static String mavenOptions;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Fixtures.delete(FOLDER);
        Files.createDirectories(FOLDER);
        mavenOptions = localRepository();
        host = Host.unpack("archetype");
        for (String kind : KINDS) {
            plugin(kind).configure();
        }
        host.start();
    }

    @AfterAll
    static void stop() {
        host.close();
    }

    @ParameterizedTest
    @FieldSource("KINDS")
    @Order(1)
    void aPluginIsMadeBuiltCheckedInstalledAndUsed(String kind) throws Exception {
        GeneratedPlugin plugin = plugin(kind);

        assertThat(plugin.make().orElseThrow()).contains("./mvnw package").contains("plugins install");
        assertThat(plugin.files())
                .contains(".gitignore", "README.md", "mvnw", "pom.xml")
                .allMatch(file ->
                        file.matches("\\.gitignore|README\\.md|mvnw|pom\\.xml|\\.mvn/wrapper/maven-wrapper\\.properties"
                                + "|src/(main|test)/java/com/example/my" + kind + "/\\w+\\.java"))
                .anyMatch(file -> file.endsWith("ContractTest.java"))
                .hasSizeBetween(8, 12);
        assertThat(Files.readString(plugin.folder().resolve("README.md")))
                .startsWith("my-" + kind + "\n=")
                .doesNotContain("#if", "#else", "#end", "${");

        String built = plugin.build().orElseThrow();
        assertThat(built)
                .containsPattern("Tests run: [1-9][0-9]*, Failures: 0, Errors: 0")
                .doesNotContainPattern("WARNING. (?!Tests run)");

        var checks = Api.parse(host.api()
                .upload("/api/plugins?dryRun=true", plugin.jar(), "application/json")
                .body());
        assertThat(checks.path("checks"))
                .isNotEmpty()
                .allMatch(check -> check.path("passed").asBoolean());

        plugin.install().orElseThrow();
        assertThat(host.api().json("/api/plugins/my-" + kind).path("active").asText())
                .matches("1\\.0\\.0\\.[0-9]{14}");
        plugin.use();
        if (kind.equals("interceptor")) {
            plugin.llmgine(FOLDER, "plugins", "remove", plugin.name()).orElseThrow();
        }
    }

    /** What is saved is live a moment later, and what doesn't compile is said. */
    @Test
    @Order(2)
    void whatIsSavedIsLiveAMomentLater() throws Exception {
        GeneratedPlugin plugin = plugin("tool");
        Path source = plugin.source("UnitConverter");
        String code = Files.readString(source);
        Process dev = plugin.start("dev");
        BlockingQueue<String> said = new LinkedBlockingQueue<>();
        Thread.startVirtualThread(
                () -> dev.inputReader(StandardCharsets.UTF_8).lines().forEach(said::add));
        try {
            await(said, "Live after");
            String former = active();

            Files.writeString(source, code.replace("%s %s = %s %s", "%s %s are %s %s"));
            await(said, "Live after");
            assertThat(active()).isGreaterThan(former);
            assertThat(host.api()
                            .ask(
                                    "engine/tool-chat",
                                    "Call the tool my-tool with {\"value\":1,\"from\":\"h\",\"to\":\"s\"}")
                            .text())
                    .contains("1 h are 3600 s");

            Files.writeString(source, code.replace("import java.util.Locale;", ""));
            await(said, "cannot find symbol");
            Files.writeString(source, code);
            await(said, "Live after");
            plugin.use();
        } finally {
            dev.descendants().forEach(ProcessHandle::destroyForcibly);
            dev.destroyForcibly().waitFor();
        }
    }

    @Test
    @Order(3)
    void whatCannotBeMadeIsSaidInASentence() throws Exception {
        GeneratedPlugin plugin = plugin("tool");

        refuses(plugin.llmgine(FOLDER, "new"), 64, "needs a kind and a name");
        refuses(plugin.llmgine(FOLDER, "new", "tools", "x"), 64, "there is no kind 'tools', only tool, provider,");
        refuses(plugin.llmgine(FOLDER, "new", "tool"), 64, "needs a name");
        refuses(plugin.llmgine(FOLDER, "new", "tool", "My_Tool"), 64, "'My_Tool' is no name of a plugin");
        refuses(plugin.llmgine(FOLDER, "new", "tool", "x", "y"), 64, "'y' is one too many");
        refuses(plugin.llmgine(FOLDER, "new", "tool", "x", "--colour"), 64, "not '--colour'");
        refuses(
                plugin.llmgine(FOLDER, "new", "tool", "switch"),
                64,
                "'com.example.switch' is no name of a Java package");
        refuses(plugin.llmgine(FOLDER, "new", "tool", "x", "--package=A.b"), 64, "'A.b' is no name of a Java package");
        refuses(plugin.make(), 73, "is there already");
        refuses(plugin.llmgine(FOLDER, "dev"), 66, "is no project of a plugin");
    }

    /** Who calls the archetype by himself is told, too, and nothing is left behind. */
    @Test
    @Order(4)
    void theArchetypeItselfRefusesWhatItDoesNotKnow() throws Exception {
        for (String wrong : List.of("-Dkind=tools -DartifactId=x", "-Dkind=tool -DartifactId=X_1")) {
            List<String> command = new ArrayList<>(List.of(
                    "sh",
                    host.home().resolve("lib/maven/mvnw").toString(),
                    "-B",
                    "-Dmaven.legacyLocalRepo=true",
                    "org.apache.maven.plugins:maven-archetype-plugin:3.4.1:generate",
                    "-DarchetypeGroupId=org.llmgine",
                    "-DarchetypeArtifactId=org.llmgine.plugin-archetype",
                    "-DarchetypeVersion=1.0.0-SNAPSHOT"));
            command.addAll(List.of(wrong.split(" ")));
            GeneratedPlugin.Run run = plugin("tool").run(FOLDER, command.toArray(String[]::new));

            assertThat(run.code()).as(run.output()).isNotZero();
            assertThat(run.output()).containsAnyOf("There is no kind 'tools', only tool, provider", "'X_1' is no name");
            try (Stream<Path> made = Files.list(FOLDER)) {
                assertThat(made.map(Path::getFileName).map(Path::toString)).allMatch(name -> name.startsWith("my-"));
            }
        }
    }

    private static void refuses(GeneratedPlugin.Run run, int code, String sentence) {
        assertThat(run.output()).startsWith("llmgine: ").contains(sentence).hasLineCount(1);
        assertThat(run.code()).isEqualTo(code);
    }

    private static void await(BlockingQueue<String> said, String text) throws InterruptedException {
        StringBuilder heard = new StringBuilder();
        for (String line = ""; !line.contains(text); heard.append(line).append('\n')) {
            line = said.poll(LIVE_LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertThat(line).as("After " + heard).isNotNull();
        }
    }

    private static String active() {
        return host.api().json("/api/plugins/my-tool").path("active").asText();
    }

    private static GeneratedPlugin plugin(String kind) {
        return new GeneratedPlugin(host, kind, FOLDER.resolve("my-" + kind), mavenOptions, JVM_OPTIONS);
    }

    /**
     * Let Maven have what this build has fetched, but for our own artifacts: these come from the distribution's repository, as
     * they do on a machine that never built the host.
     */
    private static String localRepository() throws IOException {
        Path fetched = Path.of(System.getProperty("maven.repo.local"));
        Path others = Files.createDirectories(FOLDER.resolve("my-fetched"));
        link(fetched, others, "org");
        link(fetched.resolve("org"), Files.createDirectories(others.resolve("org")), "llmgine");
        return "-Dmaven.repo.local=" + FOLDER.resolve("my-m2") + " -Dmaven.repo.local.tail=" + others;
    }

    private static void link(Path from, Path to, String except) throws IOException {
        try (Stream<Path> entries = Files.list(from)) {
            for (Path entry : entries.filter(
                            entry -> !entry.getFileName().toString().equals(except))
                    .toList()) {
                Files.createSymbolicLink(to.resolve(entry.getFileName()), entry);
            }
        }
    }
}
