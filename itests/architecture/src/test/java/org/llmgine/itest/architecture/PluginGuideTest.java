package org.llmgine.itest.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The plugin author's guide shows the code that the build compiles and runs. */
final class PluginGuideTest {
    private static final Path DOCS = Repository.ROOT.resolve("docs");
    private static final Path ARCHETYPE =
            Repository.ROOT.resolve("plugin-archetype/src/main/resources/archetype-resources");
    private static final Pattern JAVA = Pattern.compile("(?s)```java\n(package .*?)```");

    private static final Pattern ARTIFACT = Pattern.compile(
            "<artifactId>(org\\.llmgine\\.api|org\\.osgi[^<]*|bnd-maven-plugin)</artifactId>\\s*<version>([^<]+)<");

    /** What isn't counted: blank lines, comments, imports and lone braces. */
    private static final Pattern NO_CODE = Pattern.compile("\\s*(?:package .*|import .*|//.*|/\\*.*|\\*.*|}?)");

    @ParameterizedTest
    @CsvSource({
        "tool.md, greeter-tool, 10",
        "engine.md, second-thought-engine, 20",
        "provider.md, lines-provider, 60",
        "listener-and-handler.md, stock-keeper, 80",
        "interceptor.md, failure-counter, 30",
    })
    void aPageShowsItsExampleWholeAndShort(String page, String example, int mostLines) throws IOException {
        List<String> sources = new ArrayList<>();
        try (Stream<Path> files =
                Files.walk(DOCS.resolve("examples").resolve(example).resolve("src/main/java"))) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".java")).toList()) {
                if (!file.endsWith("package-info.java")) {
                    sources.add(Files.readString(file));
                }
            }
        }

        List<String> shown = JAVA.matcher(
                        Files.readString(DOCS.resolve("plugins").resolve(page)))
                .results()
                .map(block -> block.group(1))
                .toList();
        assertThat(shown).isNotEmpty().containsExactlyInAnyOrderElementsOf(sources);
        assertThat(shown.stream()
                        .flatMap(String::lines)
                        .filter(line -> !NO_CODE.matcher(line).matches()))
                .hasSizeLessThanOrEqualTo(mostLines);
    }

    @Test
    void thePageOnTestsShowsCodeOfTheExamples() throws IOException {
        List<String> sources = new ArrayList<>();
        try (Stream<Path> files = Files.walk(DOCS.resolve("examples"))) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".java")).toList()) {
                sources.add(Files.readString(file));
            }
        }

        assertThat(JAVA.matcher(Files.readString(DOCS.resolve("plugins/testing.md")))
                        .results()
                        .map(block -> block.group(1)))
                .hasSize(2)
                .isSubsetOf(sources);
    }

    @Test
    void theBusPageShowsPiecesOfItsExample() throws IOException {
        String example;
        try (Stream<Path> files = Files.walk(DOCS.resolve("examples/stock-keeper/src/main/java"))) {
            StringBuilder all = new StringBuilder();
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.append(Files.readString(file));
            }
            example = unindented(all.toString());
        }

        List<String> shown = Pattern.compile("(?s)```java\n(.*?)```")
                .matcher(Files.readString(DOCS.resolve("bus.md")))
                .results()
                .map(block -> unindented(block.group(1)))
                .toList();

        assertThat(shown).hasSize(6).allSatisfy(piece -> assertThat(example).contains(piece));
    }

    /** What they show is in the plugins that the archetype makes, which are built and run in a host. */
    @ParameterizedTest
    @CsvSource({"quickstart.md, 1", "versioning.md, 1"})
    void aPageShowsPiecesOfGeneratedPlugins(String page, int pieces) throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(ARCHETYPE)) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".java")).toList()) {
                all.append(Files.readString(file));
            }
        }

        assertThat(Pattern.compile("(?s)```java\n(.*?)```")
                        .matcher(Files.readString(DOCS.resolve("plugins").resolve(page)))
                        .results()
                        .map(block -> unindented(block.group(1))))
                .hasSize(pieces)
                .allSatisfy(piece -> assertThat(unindented(all.toString())).contains(piece));
    }

    private static String unindented(String code) {
        return code.replaceAll("(?m)^ +", "");
    }

    @Test
    void theProjectOfTheGuideHasTheVersionsOfTheBuild() throws IOException {
        List<String> guide = versions(Files.readString(DOCS.resolve("plugins/README.md")));

        assertThat(guide).hasSize(3).isSubsetOf(versions(Files.readString(Repository.ROOT.resolve("pom.xml"))));
    }

    @Test
    void theProjectOfTheArchetypeHasTheVersionsOfTheBuild() throws IOException {
        List<String> annotations = versions(Files.readString(ARCHETYPE.resolve("pom.xml"))).stream()
                .filter(version -> version.startsWith("org.osgi"))
                .toList();

        assertThat(annotations).hasSize(2).isSubsetOf(versions(Files.readString(Repository.ROOT.resolve("pom.xml"))));
    }

    /** List what both projects name, each with its version. */
    private static List<String> versions(String pom) {
        String bnd = Pattern.compile("<bnd.version>(.+)</bnd.version>")
                .matcher(pom)
                .results()
                .map(found -> found.group(1))
                .findFirst()
                .orElse("");
        return ARTIFACT.matcher(pom.replace("${bnd.version}", bnd).replace("${project.version}", "1.0.0-SNAPSHOT"))
                .results()
                .map(found -> found.group(1) + ":" + found.group(2))
                .toList();
    }
}
