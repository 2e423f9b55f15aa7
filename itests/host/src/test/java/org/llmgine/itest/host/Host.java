package org.llmgine.itest.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A host of one's own: a copy of the distribution, a data folder, two free ports, a process. What it prints is kept. Not
 * thread-safe but for what only reads.
 */
final class Host implements AutoCloseable {
    static final String ADMIN_KEY = "itest-admin-key-0123456789abcdef";
    static final String ADMIN_PASSWORD = "itest password 0123456789";

    private static final Duration START_LIMIT = Duration.ofSeconds(180);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(90);
    private static final Set<Integer> PORTS = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final int httpPort = freePort();
    private final int sshPort = freePort();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private @Nullable Process process;
    private String coverage = "-javaagent:" + Fixtures.jacocoAgent() + "=destfile="
            + Fixtures.TARGET.resolve("jacoco-hosts.exec") + ",includes=org.llmgine.*,excludes=org.llmgine.itest.*";
    private List<String> prefix = List.of();
    private int starts;
    private Duration readyAfter = Duration.ZERO;

    private Host(String name) {
        folder = Fixtures.TARGET.resolve("hosts").resolve(name);
        environment.put("LLMGINE_DATA", data().toString());
        environment.put("LLMGINE_HTTP_PORT", Integer.toString(httpPort));
        environment.put("LLMGINE_SSH_PORT", Integer.toString(sshPort));
        environment.put("LLMGINE_ADMIN_KEY", ADMIN_KEY);
        environment.put("LLMGINE_ADMIN_PASSWORD", ADMIN_PASSWORD);
    }

    /** Unpack a host; a former one of that name is thrown away. */
    static Host unpack(String name) throws IOException, InterruptedException {
        Host host = new Host(name);
        Fixtures.delete(host.folder);
        Files.createDirectories(host.home());
        run(
                "tar",
                "-xzf",
                Fixtures.distribution().toString(),
                "--strip-components=1",
                "-C",
                host.home().toString());
        return host;
    }

    /** Set an environment variable for the next start. */
    Host with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** Return what a variable is set to. */
    Optional<String> variable(String variable) {
        return Optional.ofNullable(environment.get(variable));
    }

    Host without(String variable) {
        environment.remove(variable);
        return this;
    }

    /** Run it as users do, for figures that count. */
    Host withoutCoverage() {
        coverage = "";
        return this;
    }

    /** Give it one processor. */
    Host pinnedTo(int processor) {
        prefix = List.of("taskset", "-c", Integer.toString(processor));
        return this;
    }

    /** Write a file of settings into {@code etc}; an instance's is named {@code pid-name}. */
    Host withSettings(String file, String text) throws IOException {
        Files.writeString(home().resolve("etc").resolve(file + ".cfg"), text);
        return this;
    }

    /** Lay a plugin into the deploy folder. */
    Host withPlugin(Path jar) throws IOException {
        Path folder = Files.createDirectories(data().resolve("deploy"));
        Files.copy(jar, folder.resolve(jar.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        return this;
    }

    /** Write an account with the role {@code user} and its key, in the place of all accounts but the admin of the settings. */
    Host withUser(String name, String key) throws IOException {
        Files.createDirectories(data());
        Files.writeString(data().resolve("accounts.json"), """
                {"accounts": [{"name": "%s", "roles": ["user"], "passwordHash": ""}],
                 "keys": [{"id": "key_%1$s", "sha256": "%s", "account": "%1$s", "label": "itest",
                   "created": "2026-01-01T00:00:00Z"}]}
                """.formatted(name, sha256(key)));
        return this;
    }

    private static String sha256(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Start it and wait until it is ready. */
    Host start() throws IOException {
        launch();
        try {
            awaitReady();
            return this;
        } catch (AssertionError e) {
            process().destroyForcibly();
            throw e;
        }
    }

    /** Start it and return at once. */
    Host launch() throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(home().resolve("bin/llmgine").toString(), "run"));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(variable -> variable.startsWith("LLMGINE_"));
        builder.environment().putAll(environment);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment()
                .put(
                        "EXTRA_JAVA_OPTS",
                        coverage + " -Dllmgine.itest.journal=" + journal().file());
        process = builder.directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.to(outputFile(++starts).toFile()))
                .start();
        return this;
    }

    void awaitReady() {
        long begin = System.nanoTime();
        Api probe = api();
        Until.holds(
                START_LIMIT,
                () -> "the host is not ready; it printed:\n" + output(),
                () -> !isAlive() || probe.get("/health/ready").statusCode() == 200);
        if (!isAlive()) {
            throw new AssertionError("The host ended with " + process().exitValue() + ":\n" + output());
        }
        readyAfter = Duration.ofNanos(System.nanoTime() - begin);
    }

    /** Return how long the last start took. */
    Duration readyAfter() {
        return readyAfter;
    }

    /** Stop it as a person does and return its exit code. */
    int stop() throws InterruptedException {
        jvm().destroy();
        return awaitExit();
    }

    int awaitExit() throws InterruptedException {
        if (!process().waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            String threads = new Jvm(jvm()).threads();
            kill();
            throw new AssertionError("The host did not end within " + STOP_LIMIT + ":\n" + output() + threads);
        }
        return process().exitValue();
    }

    /** End it as a power cut does. */
    void kill() throws InterruptedException {
        jvm().destroyForcibly();
        process().destroyForcibly();
        process().waitFor();
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    @Override
    public void close() {
        try {
            if (isAlive()) {
                stop();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process().destroyForcibly();
        }
    }

    Api api() {
        return new Api(uri(), ADMIN_KEY);
    }

    Api api(String key) {
        return new Api(uri(), key);
    }

    /** Log in as the admin and return the key that one gets. */
    String login() {
        String body = "{\"name\":\"admin\",\"password\":\"" + ADMIN_PASSWORD + "\"}";
        return Api.parse(api("").post("/api/login", body).body()).path("key").asText();
    }

    Shell shell() {
        return shell(ADMIN_PASSWORD);
    }

    Shell shell(String password) {
        return new Shell(sshPort, password);
    }

    /** Return the process of the host's virtual machine, which may be a child of the one that was started. */
    ProcessHandle jvm() {
        return process()
                .toHandle()
                .descendants()
                .filter(child -> child.info().command().orElse("").endsWith("/java"))
                .findFirst()
                .orElse(process().toHandle());
    }

    private Process process() {
        return Objects.requireNonNull(process, "not started");
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + httpPort);
    }

    int httpPort() {
        return httpPort;
    }

    int sshPort() {
        return sshPort;
    }

    Path home() {
        return folder.resolve("home");
    }

    Path data() {
        return folder.resolve("data");
    }

    Journal journal() {
        return new Journal(folder.resolve("journal.txt"));
    }

    /** Open a gate that scripts wait at. */
    void open(String gate) throws IOException {
        Files.createFile(Path.of(journal().file() + "." + gate));
    }

    /** Return what the last start printed. */
    String output() {
        return read(outputFile(starts));
    }

    /** Return all that the host wrote into its data folder as text: logs above all. */
    String everythingLogged() throws IOException {
        try (var files = Files.walk(data().resolve("log"))) {
            return files.filter(Files::isRegularFile).map(Host::read).collect(Collectors.joining("\n"));
        }
    }

    private Path outputFile(int start) {
        return folder.resolve("output-" + start + ".txt");
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Return a port that is free, and that nobody was given before who may not have taken it yet. */
    static int freePort() {
        int port;
        do {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = socket.getLocalPort();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        } while (!PORTS.add(port));
        return port;
    }

    private static void run(String... command) throws IOException, InterruptedException {
        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
            throw new IOException("Failed: " + String.join(" ", command));
        }
    }
}
