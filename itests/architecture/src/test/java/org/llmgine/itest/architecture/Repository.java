package org.llmgine.itest.architecture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Finds things in the repository that these tests are part of. */
final class Repository {
    static final Path ROOT = Path.of(System.getProperty("basedir", ""))
            .toAbsolutePath()
            .resolve("../..")
            .normalize();

    private Repository() {}

    /** List the folders of all modules that are bundles: two levels below {@code bundles}. */
    static List<Path> bundles() throws IOException {
        return list(ROOT.resolve("bundles"), 2)
                .filter(path -> Files.exists(path.resolve("pom.xml")))
                .toList();
    }

    /** List existing folders of that name in the bundles, such as {@code target/classes}. */
    static List<Path> inBundles(String folder) throws IOException {
        return bundles().stream()
                .map(bundle -> bundle.resolve(folder))
                .filter(Files::isDirectory)
                .toList();
    }

    /** List what lies exactly that deep, sorted. */
    static Stream<Path> list(Path folder, int depth) throws IOException {
        try (Stream<Path> paths = Files.walk(folder, depth)) {
            return paths.filter(path -> folder.relativize(path).getNameCount() == depth).sorted().toList().stream();
        }
    }
}
