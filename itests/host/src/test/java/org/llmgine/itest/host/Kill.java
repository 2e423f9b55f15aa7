package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A host that is killed while it changes its plugins, and looked at when it has started again. */
final class Kill implements AutoCloseable {
    private static final String PLUGIN = "/api/plugins/scripted";
    private static final String BUNDLE = "org.llmgine.itest.provider.scripted";

    private final Host host;
    private int revision;

    /** What it is killed in, and the steps that it tells of then. */
    enum Operation {
        INSTALL("checking", "installed", "starting", "ready", "active"),
        UPGRADE("checking", "installed", "starting", "ready", "active"),
        ROLLBACK("installed", "starting", "ready", "active"),
        REMOVE("asked");

        private final List<String> steps;

        Operation(String... steps) {
            this.steps = List.of(steps);
        }

        List<String> steps() {
            return steps;
        }
    }

    Kill(String name) throws IOException, InterruptedException {
        host = Host.unpack(name)
                .withoutCoverage()
                .withSettings(SharedHost.INSTANCE_PID + "-main", "greeting = hello\n")
                .start();
    }

    /**
     * Kill it at a step and start it again.
     *
     * @param later how long after it has told of the step
     * @return the version that serves then; empty for none
     */
    String run(Operation operation, String step, Duration later) throws IOException, InterruptedException {
        Set<String> allowed = new TreeSet<>();
        String before = prepare(operation);
        String next = "1.0." + ++revision;
        switch (operation) {
            case INSTALL, UPGRADE -> allowed.addAll(List.of(before, next));
            case ROLLBACK -> allowed.addAll(versions());
            case REMOVE -> allowed.addAll(List.of(before, ""));
        }
        try (Steps steps = begin(operation, next)) {
            steps.await(step);
            LockSupport.parkNanos(later.toNanos());
            host.kill();
        }
        host.start();
        String serving = serving();
        assertThat(allowed).as("%s, killed at %s", operation, step).contains(serving);
        check(serving);
        return serving;
    }

    /** Bring about what the operation begins with, and return the version that serves. */
    private String prepare(Operation operation) throws IOException {
        String serving = serving();
        if (operation == Operation.INSTALL && !serving.isEmpty()) {
            assertThat(host.api().call("DELETE", PLUGIN, "").statusCode()).isEqualTo(200);
            return "";
        }
        int wanted = operation == Operation.INSTALL ? 0 : operation == Operation.ROLLBACK ? 2 : 1;
        while (versions().size() < wanted) {
            HttpResponse<String> answer =
                    host.api().upload("/api/plugins", jar("1.0." + ++revision), "application/json");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        }
        return serving();
    }

    private static Path jar(String version) throws IOException {
        return Fixtures.asVersion(Fixtures.scriptedProvider(), version);
    }

    private Steps begin(Operation operation, String next) throws IOException {
        return switch (operation) {
            case INSTALL, UPGRADE -> new Steps(host.api().steps("/api/plugins", jar(next)));
            case ROLLBACK -> new Steps(host.api().steps(PLUGIN + "/rollback", null));
            case REMOVE -> {
                Api api = host.api();
                Thread.ofVirtual().start(() -> {
                    try {
                        api.call("DELETE", PLUGIN, "");
                    } catch (UncheckedIOException e) {
                        // It was killed meanwhile.
                    }
                });
                yield new Steps(null);
            }
        };
    }

    /** The steps that it tells of; none where it tells of none. */
    private record Steps(@Nullable HttpResponse<InputStream> response) implements AutoCloseable {
        void await(String step) throws IOException {
            if (response == null) {
                return;
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.contains("\"state\":\"" + step + "\"")) {
                    return;
                }
                assertThat(line).doesNotStartWith("event: error");
            }
            // A rollback has steps that are left out when the bundle is there still.
        }

        @Override
        public void close() {
            if (response != null) {
                try {
                    response.body().close();
                } catch (IOException e) {
                    // It was killed.
                }
            }
        }
    }

    private String serving() {
        HttpResponse<String> answer = host.api().get(PLUGIN);
        return answer.statusCode() == 404
                ? ""
                : Api.parse(answer.body()).path("active").asText();
    }

    private List<String> versions() {
        HttpResponse<String> answer = host.api().get(PLUGIN);
        return Api.parse(answer.body()).path("versions").findValuesAsText("version");
    }

    /** Check that the host agrees with itself: what serves, the bundles and the jars. */
    private void check(String serving) throws IOException {
        if (!serving.isEmpty()) {
            Until.holds(
                    Duration.ofSeconds(20),
                    () -> serving + " does not serve: " + host.api().get(PLUGIN).body(),
                    () -> host.api().ask("scripted~main/greet", "").text().endsWith(" " + serving));
        }
        try (Shell shell = host.shell()) {
            assertThat(shell.run("bundle:list -s").lines().filter(line -> line.contains(BUNDLE)))
                    .hasSize(serving.isEmpty() ? 0 : 1);
        }
        // The distribution's own may still be adopted.
        Until.holds(
                Duration.ofSeconds(30),
                () -> "there are the jars " + jars() + " and in the list " + named(),
                () -> jars().equals(named()));
    }

    /** Return the names of the jars that the plugins' list tells of. */
    private Set<String> named() {
        Set<String> named = new TreeSet<>();
        for (JsonNode plugin : host.api().json("/api/plugins").path("items")) {
            plugin.path("versions").findValuesAsText("sha256").forEach(sum -> named.add(sum + ".jar"));
        }
        return named;
    }

    private Set<String> jars() {
        try (Stream<Path> files = Files.list(host.data().resolve("plugins/jars"))) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        host.close();
    }
}
