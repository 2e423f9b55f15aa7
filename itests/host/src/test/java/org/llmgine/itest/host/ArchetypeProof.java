package org.llmgine.itest.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How long it takes from nothing to a plugin's first call, each kind with an empty Maven repository. */
@Tag("proof")
final class ArchetypeProof {
    private static final int CHANGES = 10;

    private final Path folder = Fixtures.TARGET.resolve("archetype-proof");
    private final Report report = new Report("archetype");

    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    @Test
    @Timeout(value = 40, unit = TimeUnit.MINUTES)
    void fromNothingToTheFirstCall() throws IOException, InterruptedException {
        Fixtures.delete(folder);
        Files.createDirectories(folder);
        try (Host host = Host.unpack("archetype-proof").withoutCoverage()) {
            for (String kind : GeneratedPlugin.KINDS) {
                plugin(host, kind).configure();
            }
            host.start();
            for (String kind : GeneratedPlugin.KINDS) {
                GeneratedPlugin plugin = plugin(host, kind);
                long begin = System.nanoTime();
                step(kind, "make the project", () -> plugin.make().orElseThrow());
                step(kind, "build it, with its tests", () -> plugin.build().orElseThrow());
                step(kind, "install it", () -> plugin.install().orElseThrow());
                step(kind, "use it", plugin::use);
                report.add(kind + ": all (s; aim 120)", seconds(begin));
                if (kind.equals("interceptor")) {
                    plugin.llmgine(folder, "plugins", "remove", plugin.name()).orElseThrow();
                }
            }
            changes(plugin(host, "tool"));
        }
        report.write();
    }

    private GeneratedPlugin plugin(Host host, String kind) {
        return new GeneratedPlugin(
                host, kind, folder.resolve("my-" + kind), "-Dmaven.repo.local=" + folder.resolve("m2-" + kind), "");
    }

    /** Change a source that 'llmgine dev' watches, and measure until a call gives what the change says. */
    private void changes(GeneratedPlugin plugin) throws IOException, InterruptedException {
        Path source = plugin.source("UnitConverter");
        String code = Files.readString(source);
        Process dev = plugin.start("dev");
        Thread.startVirtualThread(
                () -> dev.inputReader(StandardCharsets.UTF_8).lines().forEach(line -> {}));
        try {
            List<String> seconds = new ArrayList<>();
            for (int change = 0; change <= CHANGES; change++) {
                String word = "makes" + change;
                long begin = System.nanoTime();
                Files.writeString(source, code.replace("%s %s = %s %s", "%s %s " + word + " %s %s"));
                Until.holds(
                        Duration.ofSeconds(60),
                        () -> word + " is not live",
                        () -> plugin.host()
                                .api()
                                .ask(
                                        "engine/tool-chat",
                                        "Call the tool my-tool with {\"value\":1,\"from\":\"h\",\"to\":\"s\"}")
                                .text()
                                .contains(word));
                // The first one waits for dev to begin.
                if (change > 0) {
                    seconds.add(seconds(begin));
                }
            }
            report.add("a saved change to its first call, llmgine dev (s; aim 5)", seconds);
        } finally {
            dev.descendants().forEach(ProcessHandle::destroyForcibly);
            dev.destroyForcibly().waitFor();
        }
    }

    private void step(String kind, String what, Step step) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        step.run();
        report.add(kind + ": " + what + " (s)", seconds(begin));
    }

    private static String seconds(long begin) {
        return "%.1f".formatted((System.nanoTime() - begin) / 1e9);
    }
}
