package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is shipped may be shipped. */
final class LicencesIT {
    /** Licences that go with Apache-2.0; a choice of several counts when one of them does. */
    private static final Pattern ALLOWED =
            Pattern.compile("apache|epl-2\\.0|edl-v10|bsd-[23]-clause|mpl|/mit|cddl|javax\\.annotation");

    /** Jars that tell none in their manifest, and what their project says. */
    private static final Map<String, String> KNOWN = Map.of(
            "bcpkix-", "https://www.bouncycastle.org/licence.html (as MIT)",
            "bcprov-", "https://www.bouncycastle.org/licence.html (as MIT)",
            "bcutil-", "https://www.bouncycastle.org/licence.html (as MIT)",
            "h2-", "https://h2database.com/html/license.html (MPL 2.0 or EPL 1.0)",
            "llmgine-launcher", "https://www.apache.org/licenses/LICENSE-2.0",
            "txw2-", "http://www.eclipse.org/org/documents/edl-v10.php");

    @Test
    void everyJarOfTheDistributionHasALicenceThatGoesWithOurs() throws IOException, InterruptedException {
        Path home = Host.unpack("licences").home();
        Map<String, String> refused = new TreeMap<>();
        int count = 0;
        for (Path jar : jars(home)) {
            String name = jar.getFileName().toString();
            String licence = licence(jar).orElseGet(() -> known(name));
            if (!ALLOWED.matcher(licence.toLowerCase(Locale.ROOT)).find()
                    && known(name).isEmpty()) {
                refused.put(name, licence);
            }
            count++;
        }

        assertThat(count).isGreaterThan(50);
        assertThat(refused).isEmpty();
    }

    private static List<Path> jars(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".jar")).toList();
        }
    }

    private static Optional<String> licence(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return Optional.ofNullable(file.getManifest())
                    .map(manifest -> manifest.getMainAttributes().getValue("Bundle-License"));
        }
    }

    private static String known(String name) {
        return KNOWN.entrySet().stream()
                .filter(entry -> name.startsWith(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("");
    }
}
