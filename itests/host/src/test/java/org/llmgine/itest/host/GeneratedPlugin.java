package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A plugin's project that the distribution's script makes, and what its author does with it.
 *
 * @param host the host that it is for
 * @param kind the plugin's kind; its name is {@code my-KIND}
 * @param folder where the project is made
 * @param mavenOptions where Maven keeps what it fetches
 * @param jvmOptions what Maven's virtual machine gets beside what the environment says
 */
record GeneratedPlugin(Host host, String kind, Path folder, String mavenOptions, String jvmOptions) {
    static final List<String> KINDS = List.of("tool", "provider", "engine", "observer", "interceptor");

    private static final Duration LIMIT = Duration.ofMinutes(5);

    /** What a command said. */
    record Run(int code, String output) {
        String orElseThrow() {
            assertThat(code).as(output).isZero();
            return output;
        }
    }

    String name() {
        return "my-" + kind;
    }

    String pid() {
        return "com.example.my" + kind;
    }

    /** Return the jar that the last build made. */
    Path jar() {
        return folder.resolve("target").resolve(name() + "-1.0.0-SNAPSHOT.jar");
    }

    Run make() throws IOException, InterruptedException {
        return llmgine(folder.resolveSibling(""), "new", kind, name(), "--dir", folder.toString());
    }

    /** Build it with its tests. */
    Run build() throws IOException, InterruptedException {
        return run(folder, "./mvnw", "-B", "package");
    }

    Run install() throws IOException, InterruptedException {
        return llmgine(folder, "plugins", "install", jar().toString());
    }

    /** Use the plugin once, and check that it does what it is there for. */
    void use() throws IOException {
        Api api = host.api();
        switch (kind) {
            case "tool" ->
                assertThat(api.ask(
                                        "engine/tool-chat",
                                        "Call the tool my-tool with {\"value\":3,\"from\":\"mi\",\"to\":\"km\"}")
                                .text())
                        .contains("3 mi = 4.82803 km");
            case "provider" ->
                assertThat(api.ask("my-provider/rules", "When are you open?").text())
                        .isEqualTo("We are open from Monday to Friday between 9 and 17 o'clock.");
            case "engine" ->
                assertThat(api.ask("engine/my-engine", "What is this host?").text())
                        .isNotBlank();
            case "observer" -> {
                Path ledger = host.data().resolve("my-observer.csv");
                assertThat(api.ask("engine/tool-chat", "What is 17*23?").isWhole())
                        .isTrue();
                Until.holds(
                        Duration.ofSeconds(10),
                        () -> "the turn is not in " + ledger,
                        () -> Files.readString(ledger).contains(",tool-chat,offline/demo,completed,"));
                assertThat(Files.readAllLines(ledger).getLast()).matches(".*,[1-9][0-9]*,[1-9][0-9]*,1,0,[0-9]+");
            }
            case "interceptor" -> {
                assertThat(api.askWhole("offline/demo", "Hello!").statusCode()).isEqualTo(200);
                var refused = api.askWhole("offline/demo", "Hello!");
                assertThat(refused.statusCode()).as(refused.body()).isEqualTo(429);
                assertThat(refused.body()).contains("has used up the 1 turns of today");
                assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            }
            default -> throw new AssertionError(kind);
        }
    }

    /** Write settings, before the host starts, that make {@link #use()} show what the plugin does. */
    void configure() throws IOException {
        if (kind.equals("interceptor")) {
            host.withSettings(pid(), "turnsPerDay = 1\n");
        }
    }

    /** List the files below the project's folder, but for what builds leave. */
    List<String> files() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .filter(file -> !file.startsWith("target/"))
                    .sorted()
                    .toList();
        }
    }

    Path source(String name) {
        return folder.resolve("src/main/java").resolve(pid().replace('.', '/')).resolve(name + ".java");
    }

    Run llmgine(Path where, String... arguments) throws IOException, InterruptedException {
        return run(where, llmgineCommand(arguments));
    }

    Process start(String... arguments) throws IOException {
        return builder(folder, llmgineCommand(arguments)).start();
    }

    private String[] llmgineCommand(String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(host.home().resolve("bin/llmgine").toString()));
        command.addAll(List.of(arguments));
        return command.toArray(String[]::new);
    }

    Run run(Path where, String... command) throws IOException, InterruptedException {
        Process process = builder(where, command).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("It takes longer than " + LIMIT + ":\n" + output);
        }
        return new Run(process.exitValue(), output);
    }

    private ProcessBuilder builder(Path where, String... command) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(where.toFile())
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile());
        builder.environment().keySet().removeIf(variable -> variable.startsWith("LLMGINE_"));
        builder.environment().put("LLMGINE_DATA", host.data().toString());
        builder.environment().put("LLMGINE_URL", host.uri().toString());
        builder.environment().put("LLMGINE_KEY", Host.ADMIN_KEY);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("MAVEN_ARGS", mavenOptions);
        builder.environment().merge("MAVEN_OPTS", jvmOptions, (given, more) -> given + " " + more);
        return builder;
    }
}
