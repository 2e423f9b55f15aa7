package org.llmgine.store.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Is a PostgreSQL server of the tests' own, on a free port of the loopback: made when it is first needed, thrown away when the
 * JVM ends. It refuses to run as root, so that root runs it as the user {@code postgres}.
 */
public final class Postgres {
    private static final Path INSTALLED = Path.of("/usr/lib/postgresql");
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private final Path folder;
    private final Path binaries;
    private final int port;

    /** Make one and start it. */
    public Postgres() {
        try {
            binaries = newest().resolve("bin");
            folder = Files.createTempDirectory("llmgine-postgres-");
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = socket.getLocalPort();
            }
            if (isRoot()) {
                run("chown", "postgres", folder.toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        asServer("initdb", "-D", data(), "-A", "trust", "-U", "llmgine", "-E", "UTF8", "--locale=C.UTF-8");
        start();
        Runtime.getRuntime().addShutdownHook(new Thread(this::delete));
    }

    /** Return the one that the tests of a JVM share. */
    public static Postgres shared() {
        return Shared.SERVER;
    }

    private static final class Shared {
        private static final Postgres SERVER = new Postgres();
    }

    private static Path newest() throws IOException {
        try (Stream<Path> versions = Files.list(INSTALLED)) {
            return versions.max(Comparator.comparingInt(
                            path -> Integer.parseInt(path.getFileName().toString())))
                    .orElseThrow();
        } catch (IOException e) {
            throw new IOException("The tests need Debian's package postgresql: './llmgine test' installs it.", e);
        }
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    private String data() {
        return folder.resolve("data").toString();
    }

    /** Start it again. */
    public void start() {
        // It is thrown away: it need not outlive a power cut.
        String options = "-c fsync=off -p " + port + " -h 127.0.0.1 -k " + folder;
        asServer("pg_ctl", "-D", data(), "-l", folder.resolve("log").toString(), "-o", options, "-w", "start");
    }

    /** Stop it as a crash does; every connection is cut. */
    public void stop() {
        asServer("pg_ctl", "-D", data(), "-m", "immediate", "-w", "stop");
    }

    /** Make an empty database and return its address. */
    public String database() {
        return database("");
    }

    /** Make an empty database with options of CREATE DATABASE and return its address. */
    String database(String options) {
        String name = "test" + DATABASES.incrementAndGet();
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL(url("postgres"));
        try (Connection connection = source.getConnection("llmgine", "");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name + " " + options);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return url(name);
    }

    private String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    private void asServer(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            command.addAll(List.of("runuser", "-u", "postgres", "--"));
        }
        command.add(binaries.resolve(program).toString());
        command.addAll(List.of(arguments));
        run(command.toArray(String[]::new));
    }

    private void run(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + " failed; see " + folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void delete() {
        try {
            stop();
        } catch (IllegalStateException e) {
            // It was stopped.
        }
        run("rm", "-rf", folder.toString());
    }
}
