package org.llmgine.plugins.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.plugins.PluginSource;

/** Reading from addresses, which may be slow, wrong or endless. */
@Timeout(30)
class SourcesTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch left = new CountDownLatch(1);
    private HttpServer server;
    private String address;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/jar", exchange -> {
            exchange.sendResponseHeaders(200, 5);
            exchange.getResponseBody().write("hello".getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });
        server.createContext("/large", exchange -> {
            exchange.sendResponseHeaders(200, 1001);
            exchange.getResponseBody().write(new byte[1001]);
            exchange.close();
        });
        server.createContext("/drip", this::drip);
        server.createContext("/broken", exchange -> {
            exchange.sendResponseHeaders(503, -1);
            exchange.close();
        });
        server.start();
        address = "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    /** A byte now and then, for ever: no single read takes long. */
    private void drip(HttpExchange exchange) throws IOException {
        asked.countDown();
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            while (!left.await(20, TimeUnit.MILLISECONDS)) {
                out.write(0);
                out.flush();
            }
        } catch (IOException e) {
            left.countDown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Jars.Incoming fetch(PluginSource source, Duration limit) {
        return Sources.jar(source, limit, from -> new Jars(folder.resolve("jars")).take(from, 1000));
    }

    private LlmgineException refusal(String path, Duration limit) {
        return catchThrowableOfType(LlmgineException.class, () -> fetch(new PluginSource.Address(path), limit));
    }

    @Test
    void whatIsThereIsRead() throws IOException {
        try (Jars.Incoming incoming = fetch(new PluginSource.Address(address + "/jar?token=1"), LONG)) {
            assertThat(incoming.path()).hasContent("hello");
        }
        Path file = Files.writeString(folder.resolve("file.jar"), "hi");
        try (Jars.Incoming incoming = fetch(new PluginSource.File(file, "upload"), LONG)) {
            assertThat(incoming.path()).hasContent("hi");
        }
        try (Jars.Incoming incoming =
                fetch(new PluginSource.Address(file.toUri().toString()), LONG)) {
            assertThat(incoming.path()).hasContent("hi");
        }
    }

    @Test
    void whatComesTooSlowlyIsGivenUpAsAWhole() throws Exception {
        // On a slow machine it may be given up before it has asked.
        while (asked.getCount() > 0) {
            LlmgineException refusal = refusal(address + "/drip?token=secret", Duration.ofMillis(300));

            assertThat(refusal.code()).isEqualTo(ErrorCode.UNAVAILABLE);
            assertThat(refusal)
                    .hasMessage("The jar can't be read from " + address + "/drip: It had not come whole after 300 ms.");
        }
        // The connection is closed, and nothing of it stays.
        assertThat(left.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void whatIsNotThereIsSaid() {
        assertThat(refusal(address + "/none?token=secret", LONG))
                .hasMessage("There is nothing at " + address + "/none.");
        assertThat(refusal("file:/no/such.jar", LONG)).hasMessage("There is nothing at file:/no/such.jar.");
        assertThat(catchThrowableOfType(
                        LlmgineException.class,
                        () -> fetch(new PluginSource.File(folder.resolve("none.jar"), "upload"), LONG)))
                .hasMessage("There is nothing at upload.");
    }

    @Test
    void onlyFilesAreRead() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        assertThat(refusal("file:" + pipe, LONG)).hasMessageEndingWith("/pipe: It is no file.");
        assertThat(refusal("file:" + folder, LONG)).hasMessageEndingWith(": It is no file.");
        assertThat(catchThrowableOfType(
                        LlmgineException.class, () -> fetch(new PluginSource.File(pipe, "upload"), LONG)))
                .hasMessage("The jar can't be read from upload: It is no file.");
    }

    @Test
    void whatAnswersWithAnErrorIsSaid() {
        assertThat(refusal(address + "/broken", LONG))
                .hasMessage("The jar can't be read from " + address + "/broken: It answered 503.");
        assertThat(refusal("http://127.0.0.1:1/x", LONG)).hasMessageContaining("127.0.0.1:1/x: ");
    }

    @Test
    void whatIsTooLargeIsNotTaken() {
        assertThat(refusal(address + "/large", LONG).code()).isEqualTo(ErrorCode.TOO_LARGE);
        assertThat(catchThrowableOfType(IOException.class, () -> Sources.bytes(URI.create(address + "/jar"), 3, LONG)))
                .hasMessage("It has more than 3 bytes.");
    }

    @Test
    void onlyAddressesOfJarsAreTaken() {
        for (String wrong : new String[] {"ftp://x/y.jar", "jar", "http://a b", "http:", "http://x:99999/y.jar"}) {
            assertThat(refusal(wrong, LONG)).satisfies(refusal -> {
                assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                assertThat(refusal.field()).isEqualTo(Optional.of("url"));
            });
        }
    }

    @Test
    void whoIsInterruptedWaitsNoLonger() {
        Thread.currentThread().interrupt();

        assertThat(refusal(address + "/drip", LONG).code()).isEqualTo(ErrorCode.CANCELLED);
        assertThat(Thread.interrupted()).isTrue();
    }
}
