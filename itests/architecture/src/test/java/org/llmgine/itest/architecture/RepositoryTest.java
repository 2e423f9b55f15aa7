package org.llmgine.itest.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class RepositoryTest {
    private static final Set<String> TOP_LEVEL = Set.of(
            "CHANGELOG.md",
            "CONTRIBUTING.md",
            "LICENSE",
            "README.md",
            "bundles",
            "docs",
            "features",
            "itests",
            "karaf-distribution",
            "llmgine",
            "mvnw",
            "plugin-archetype",
            "pom.xml",
            "vaadin-console");

    /** What building and running leave behind, ignored by git. */
    private static final Set<String> PRODUCED = Set.of("data", "target");

    /** What a folder of bundles is called in their names; the platform's parts are not named after theirs. */
    private static final Map<String, String> KINDS = Map.of(
            "embedders", "embedder.",
            "engines", "engine.",
            "memory", "memory.",
            "platform", "",
            "providers", "provider.",
            "tools", "tool.");

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)[^)]*\\)");
    private static final Pattern EXPORT = Pattern.compile("([\\w.]+)((?:;[^,\"]*(?:\"[^\"]*\")?)*)");

    @Test
    void theTopLevelHoldsExactlyItsRooms() throws IOException {
        try (Stream<Path> entries = Files.list(Repository.ROOT)) {
            assertThat(entries.map(entry -> entry.getFileName().toString())
                            .filter(name -> !name.startsWith(".") && !PRODUCED.contains(name)))
                    .containsExactlyInAnyOrderElementsOf(TOP_LEVEL);
        }
    }

    @Test
    void folderArtifactAndRootPackageOfEveryBundleAgree() throws IOException {
        for (Path bundle : Repository.bundles()) {
            String name = nameOf(bundle);
            assertThat(Files.readString(bundle.resolve("pom.xml")))
                    .as("pom of %s", bundle)
                    .contains("<artifactId>" + name + "</artifactId>\n  <name>");
            assertThat(javaFiles(bundle.resolve("src")))
                    .allSatisfy(file ->
                            assertThat(file.toString().replace('/', '.')).contains("java." + name + "."));
        }
    }

    @Test
    void everyPackageIsDescribedAndNullMarked() throws IOException {
        for (Path bundle : Repository.bundles()) {
            Set<Path> packages = javaFiles(bundle.resolve("src/main/java")).stream()
                    .map(Path::getParent)
                    .collect(Collectors.toSet());
            assertThat(packages)
                    .allSatisfy(folder -> assertThat(folder.resolve("package-info.java"))
                            .content()
                            .contains("/**", "@NullMarked"));
        }
    }

    @Test
    void exportedPackagesAreVersionedByThemselvesAndNoInternalOneIsExported() throws IOException {
        List<String> exports = new ArrayList<>();
        for (Path classes : Repository.inBundles("target/classes")) {
            Path file = classes.resolve("META-INF/MANIFEST.MF");
            if (!Files.exists(file)) {
                continue;
            }
            try (var in = Files.newInputStream(file)) {
                String header = new Manifest(in).getMainAttributes().getValue("Export-Package");
                Matcher matcher = EXPORT.matcher(header == null ? "" : header);
                while (matcher.find()) {
                    exports.add(matcher.group());
                }
            }
        }

        assertThat(exports)
                .isNotEmpty()
                .allMatch(export -> export.contains(";version=") && !export.contains("SNAPSHOT"))
                .noneMatch(export -> export.contains("internal"));
    }

    @Test
    void linksInTheDocumentationResolve() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path file : documents()) {
            String text = Files.readString(file).replaceAll("(?s)```.*?```", "");
            Matcher link = LINK.matcher(text);
            while (link.find()) {
                String target = link.group(1);
                if (!target.matches("[a-z]+:.*") && !Files.exists(file.resolveSibling(target))) {
                    broken.add(Repository.ROOT.relativize(file) + ": " + target);
                }
            }
        }

        assertThat(broken).isEmpty();
    }

    @Test
    void everyModuleIsPartOfTheBuild() throws IOException {
        String root = Files.readString(Repository.ROOT.resolve("pom.xml"));
        try (Stream<Path> files = Files.walk(Repository.ROOT)) {
            assertThat(files.filter(file -> file.endsWith("pom.xml"))
                            .map(file -> Repository.ROOT.relativize(file).toString())
                            .filter(file -> !file.matches("(.*/)?(target|src|node_modules|data|\\.[^/]*)/.*"))
                            .filter(file -> file.contains("/")))
                    .isNotEmpty()
                    .allSatisfy(
                            file -> assertThat(root).contains("<module>" + file.replace("/pom.xml", "") + "</module>"));
        }
    }

    @Test
    void shellScriptsParse() throws IOException, InterruptedException {
        for (String script : List.of("llmgine", ".ci/run", "itests/run")) {
            Process bash = new ProcessBuilder(
                            "bash", "-n", Repository.ROOT.resolve(script).toString())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(bash.waitFor()).as(script + ": " + output).isZero();
        }
    }

    private static String nameOf(Path bundle) {
        Path path = Repository.ROOT.relativize(bundle);
        return "org.llmgine." + KINDS.get(path.getName(1).toString())
                + path.getName(2).toString().replace("-", "");
    }

    private static List<Path> javaFiles(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }

    private static List<Path> documents() throws IOException {
        try (Stream<Path> files = Files.walk(Repository.ROOT)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file ->
                            !Repository.ROOT.relativize(file).toString().matches("(.*/)?(target|node_modules|data)/.*"))
                    .toList();
        }
    }
}
