package org.llmgine.itest.host;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A host with streams that never cease, whose plugins are replaced by every way there is. */
final class Swap implements AutoCloseable {
    private static final int WORDS = 60;
    private static final int PACE_MS = 50;
    private static final String SCRIPT = "paced-" + WORDS + "-" + PACE_MS;
    private static final Duration ACTIVE = Duration.ofSeconds(30);
    private static final String WORDS_TEXT = String.join("", Numbered.words(WORDS));

    private final Host host;
    private final Shell shell;
    private final Map<String, Path> deployed = new HashMap<>();
    private final List<String> wrong = new CopyOnWriteArrayList<>();
    private final AtomicInteger whole = new AtomicInteger();
    private final AtomicInteger live = new AtomicInteger();
    private final Crowd<Integer> crowd;
    private final List<Long> firstCallNanos = new ArrayList<>();
    private final int watched;
    private int revision;
    private volatile boolean closed;

    /** A plugin that is replaced, and how one asks which version of it serves. */
    enum Replaced {
        PROVIDER("scripted", "scripted~main/greet", " %s"),
        ENGINE("echo", "engine/echo", "engine %s"),
        TOOL("stamp", "engine/tool-chat", "stamp %s");

        private final String id;
        private final String model;
        private final String answer;

        Replaced(String id, String model, String answer) {
            this.id = id;
            this.model = model;
            this.answer = answer;
        }

        private Path jar() {
            return switch (this) {
                case PROVIDER -> Fixtures.scriptedProvider();
                case ENGINE -> Fixtures.echoEngine();
                case TOOL -> Fixtures.stampTool();
            };
        }

        private String prompt() {
            return switch (this) {
                case PROVIDER -> "";
                case ENGINE -> "relay+paced-1-0";
                case TOOL -> "tool-stamp+result";
            };
        }
    }

    /** How a new version comes. */
    enum Way {
        HTTP,
        COMMAND_LINE,
        DEPLOY_FOLDER
    }

    /**
     * Start a host and the clients, most of the chat API, some of sessions and some whose streams call the tool.
     *
     * @param clients how many streams live at any time
     */
    Swap(String name, int clients) throws IOException, InterruptedException {
        host = SharedHost.unpackWithTestPlugins(name)
                .withPlugin(Fixtures.echoEngine())
                .withSettings(
                        "org.llmgine.core",
                        "successorWaitMs = 60000\ndefaultModel = " + SharedHost.DEFAULT_MODEL + "\n")
                .start();
        SharedHost.awaitModel(host);
        shell = host.shell();
        Until.holds(ACTIVE, () -> "the engine does not serve", () -> serves(Replaced.ENGINE, "1.0.0.SNAPSHOT"));
        Until.holds(ACTIVE, () -> "the tool does not serve", () -> serves(Replaced.TOOL, "1.0.0.SNAPSHOT"));
        // Not while plugins are resolved: a bundle that comes then can hide others' packages.
        shell.install(Fixtures.bundleWatcher());
        watched = changes().size();
        AtomicInteger number = new AtomicInteger();
        crowd = Crowd.of(clients, () -> live(number.getAndIncrement()));
        Until.holds(ACTIVE, () -> live + " streams live", () -> live.get() >= clients);
    }

    Host host() {
        return host;
    }

    private int live(int number) {
        Callable<String> talk = switch (number % 10) {
            case 0 -> this::callTool;
            case 1, 2 -> this::takeTurn;
            default -> this::chat;
        };
        int streams = 0;
        live.incrementAndGet();
        while (!closed) {
            try {
                String problem = talk.call();
                if (problem.isEmpty()) {
                    whole.incrementAndGet();
                } else {
                    wrong.add(problem);
                }
            } catch (Exception e) {
                wrong.add(e.toString());
            }
            streams++;
        }
        return streams;
    }

    /** One stream of the chat API, on the engine and the provider. */
    private String chat() {
        ChatStream.Answer answer = host.api().ask("engine/echo", "relay+greet+" + SCRIPT + "+greet");
        return answer.isWhole() ? problem(answer.text()) : answer.toString();
    }

    /** One turn of a session, on the same, whose events are counted. */
    private String takeTurn() throws IOException {
        TestSession session = TestSession.create(host.api(), "{\"engine\":\"echo\"}");
        HttpResponse<InputStream> response = session.ask("relay+greet+" + SCRIPT + "+greet");
        if (response.statusCode() != 200) {
            return "status " + response.statusCode();
        }
        TurnLog log = TurnLog.whole(response.body());
        long first = log.events().getFirst().seq();
        boolean gapless = log.last().seq() - first == log.events().size() - 1;
        if (!gapless || !log.last().name().equals("done")) {
            return "events lost or repeated: " + log.events();
        }
        return problem(log.text());
    }

    /** One stream that calls the tool before its words come. */
    private String callTool() {
        ChatStream.Answer answer =
                host.api().ask("engine/tool-chat", "tool-stamp-500+result+paced-" + WORDS + "-" + PACE_MS);
        boolean right = answer.isWhole()
                && answer.text().matches("stamp [^ ]+?w0 .*")
                && answer.text().endsWith(WORDS_TEXT);
        return right ? "" : answer.toString();
    }

    /** Say what is wrong with a text that must begin and end on the same versions and settings. */
    private static String problem(String text) {
        String[] parts = text.split(WORDS_TEXT, -1);
        if (parts.length != 2) {
            return "words lost or repeated: " + text;
        }
        String[] begin = parts[0].split(" ", 3);
        String expected = begin.length == 3 ? begin[2] + " engine " + begin[1] : "";
        return parts[1].equals(expected) ? "" : "it began with " + parts[0] + " and ended with " + parts[1];
    }

    /** Let the next version of a plugin come. */
    void upgrade(Replaced plugin, Way way) throws IOException, InterruptedException {
        String version = "1.0." + ++revision;
        Path jar = Fixtures.asVersion(plugin.jar(), version);
        long begin = System.nanoTime();
        switch (way) {
            case HTTP -> upload(jar);
            case COMMAND_LINE -> install(jar);
            case DEPLOY_FOLDER -> deploy(plugin, version, jar);
        }
        if (!serves(plugin, version)) {
            wrong.add(plugin + " " + version + " came by " + way + " and does not serve");
        }
        if (way == Way.HTTP) {
            firstCallNanos.add(System.nanoTime() - begin);
        }
        Files.delete(jar);
    }

    private boolean serves(Replaced plugin, String version) {
        ChatStream.Answer answer = host.api().ask(plugin.model, plugin.prompt());
        return answer.isWhole() && answer.text().contains(plugin.answer.formatted(version));
    }

    private void upload(Path jar) {
        HttpResponse<String> answer = host.api().upload("/api/plugins", jar, "application/json");
        if (answer.statusCode() != 200) {
            wrong.add("upload of " + jar.getFileName() + ": " + answer.body());
        }
    }

    private void install(Path jar) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(host.home().resolve("bin/llmgine").toString(), "plugins", "install", jar.toString());
        builder.environment()
                .putAll(Map.of(
                        "LLMGINE_KEY",
                        Host.ADMIN_KEY,
                        "LLMGINE_URL",
                        host.uri().toString(),
                        "LLMGINE_DATA",
                        host.data().toString(),
                        "JAVA_HOME",
                        System.getProperty("java.home")));
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            wrong.add("install of " + jar.getFileName() + ": " + output);
        }
    }

    private void deploy(Replaced plugin, String version, Path jar) throws IOException {
        Path folder = host.data().resolve("deploy");
        Path place = folder.resolve(jar.getFileName());
        // As careful people do: it appears whole.
        Path part = Files.copy(jar, folder.resolve("part"), StandardCopyOption.REPLACE_EXISTING);
        Files.move(part, place, StandardCopyOption.ATOMIC_MOVE);
        Until.holds(
                ACTIVE,
                () -> plugin + " " + version + " does not serve",
                // It is the active one a moment before it gets the calls.
                () -> active(plugin.id).equals(version) && serves(plugin, version));
        Path former = deployed.put(plugin.id, place);
        if (former != null) {
            Files.delete(former);
        }
    }

    private String active(String plugin) {
        return plugin(plugin).path("active").asText();
    }

    JsonNode plugin(String id) {
        return host.api().json("/api/plugins/" + id);
    }

    /** Change the provider's setting, which its streams say at their beginning and at their end. */
    void changeSetting() throws IOException {
        String greeting = "greeting-" + ++revision;
        shell.run("config:property-set -p " + SharedHost.INSTANCE_PID + "~main greeting " + greeting);
        Until.holds(
                ACTIVE,
                () -> "the setting does not hold",
                () -> host.api().ask("scripted~main/greet", "").text().startsWith(greeting + " "));
    }

    /** Let a plugin come and go that no stream uses. */
    void installAndRemoveAnother() {
        upload(Fixtures.greeterTool());
        HttpResponse<String> removed = host.api().call("DELETE", "/api/plugins/greeter", "");
        if (removed.statusCode() != 200) {
            wrong.add("removal: " + removed.body());
        }
    }

    /** Return what became wrong so far. */
    List<String> wrong() {
        return wrong;
    }

    int whole() {
        return whole.get();
    }

    /** Return the times from the upload to the end of the first call on the new version, sorted. */
    List<Long> firstCallNanos() {
        return firstCallNanos.stream().sorted().toList();
    }

    /** Let the streams come to their ends; returns how many there were. */
    int end() throws Exception {
        closed = true;
        return crowd.results().stream().mapToInt(Integer::intValue).sum();
    }

    /** Return the changes of bundles since the streams began, other than those of the plugins that were replaced. */
    List<String> changesOfOthers() throws IOException {
        List<String> replaced = List.of(
                "org.llmgine.itest.provider.scripted",
                "org.llmgine.itest.engine.echo",
                "org.llmgine.itest.tool.stamp",
                "org.llmgine.example.greeter");
        return changes().stream()
                .skip(watched)
                .filter(change -> !replaced.contains(change.split(" ")[1]))
                .toList();
    }

    private List<String> changes() throws IOException {
        Path file = Path.of(host.journal().file() + ".bundles");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    @Override
    public void close() {
        closed = true;
        crowd.close();
        shell.close();
        host.close();
    }
}
