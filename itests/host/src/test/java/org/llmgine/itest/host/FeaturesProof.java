package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Starts each of our features alone in a host that has nothing else but Karaf and its shell. */
@Tag("proof")
final class FeaturesProof {
    private static final Pattern BOOT = Pattern.compile("(?m)^featuresBoot=.*$");
    private static final Pattern KARAFS =
            Pattern.compile("(?<=[=, ])(framework|shell|ssh|jaas|bundle|feature)/[^,\\s]+");
    private static final Pattern OURS = Pattern.compile("<feature name=\"(llmgine[^\"]*)\"");

    @Test
    @Timeout(1200)
    void eachFeatureStartsAlone() throws Exception {
        Host host = Host.unpack("features-alone");
        List<String> features = features(host.home());
        List<String> wrong = new ArrayList<>();
        for (String feature : features) {
            String found = start(feature);
            if (!found.isEmpty()) {
                wrong.add(feature + ": " + found);
            }
        }

        new Report("features")
                .add("features, each started alone", features.size())
                .add("with a bundle that bundle:diag names, or that does not start", wrong.size())
                .write();
        assertThat(features).hasSizeGreaterThan(10);
        assertThat(wrong).isEmpty();
    }

    private static List<String> features(Path home) throws IOException {
        Path folder = home.resolve("system/org/llmgine/org.llmgine.features");
        try (Stream<Path> files = Files.walk(folder)) {
            Path file = files.filter(path -> path.toString().endsWith(".xml"))
                    .filter(path -> path.getFileName().toString().startsWith("org.llmgine.features-"))
                    .findFirst()
                    .orElseThrow();
            return OURS.matcher(Files.readString(file))
                    .results()
                    .map(match -> match.group(1))
                    .toList();
        }
    }

    /** Start one and return what is wrong with it. */
    private static String start(String feature) throws Exception {
        try (Host host = Host.unpack("features-alone").withoutCoverage()) {
            Path etc = host.home().resolve("etc");
            Path boot = etc.resolve("org.apache.karaf.features.cfg");
            String text = Files.readString(boot);
            String karafs = String.join(
                    ", ", KARAFS.matcher(text).results().map(MatchResult::group).toList());
            Files.writeString(boot, BOOT.matcher(text).replaceFirst("featuresBoot=" + karafs + ", " + feature));
            Files.writeString(
                    etc.resolve("users.properties"),
                    "admin = " + Host.ADMIN_PASSWORD
                            + ",_g_:admingroup\n_g_\\:admingroup = group,admin,manager,viewer,systembundles,ssh\n");
            host.launch();
            try (Shell shell = host.shell()) {
                Until.holds(
                        Duration.ofSeconds(60),
                        () -> feature + " has not started: " + host.output(),
                        () -> shell.run("feature:list -i").contains(feature));
                Until.holds(
                        Duration.ofSeconds(30),
                        () -> feature + " is not whole: " + shell.tryRun("bundle:diag"),
                        () -> shell.run("bundle:diag").isBlank());
                return "";
            } catch (AssertionError e) {
                return String.valueOf(e.getMessage());
            } finally {
                host.kill();
            }
        }
    }
}
