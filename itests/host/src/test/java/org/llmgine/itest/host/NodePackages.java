package org.llmgine.itest.host;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/** What npm gives: the packages of {@code src/test/js}, in the versions that its lock file says. */
final class NodePackages {
    private static final Path FOLDER = Fixtures.TARGET.resolve("js");
    private static boolean installed;

    private NodePackages() {}

    /** Install them, once, and return the folder that has them beside the scripts. */
    static synchronized Path install() throws IOException, InterruptedException {
        if (!installed) {
            Files.createDirectories(FOLDER);
            try (Stream<Path> sources = Files.list(Fixtures.MODULE.resolve("src/test/js"))) {
                for (Path source : sources.filter(Files::isRegularFile).toList()) {
                    Files.copy(source, FOLDER.resolve(source.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                }
            }
            Process npm = start("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error");
            String output = new String(npm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (npm.waitFor() != 0) {
                throw new AssertionError(output);
            }
            installed = true;
        }
        return FOLDER;
    }

    /** Start a command there. */
    static Process start(String... command) throws IOException {
        return builder(command).start();
    }

    static ProcessBuilder builder(String... command) {
        File folder = FOLDER.toFile();
        return new ProcessBuilder(command).directory(folder).redirectErrorStream(true);
    }
}
