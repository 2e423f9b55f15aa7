package org.llmgine.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Over HTTPS, with a certificate that only a file of ours vouches for. */
@Timeout(30)
class TrustTest {
    private static final URI HOST = URI.create("https://host:1");

    @TempDir
    static Path folder;

    private static HttpsServer server;
    private static Path authority;

    private final Console console = new Console().with("LLMGINE_KEY", "k-123");

    @BeforeAll
    static void start() throws Exception {
        Path store = folder.resolve("store.p12");
        authority = folder.resolve("authority.pem");
        keytool(
                store,
                "-genkeypair",
                "-alias",
                "host",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost");
        keytool(store, "-exportcert", "-alias", "host", "-rfc", "-file", authority.toString());
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "changeit".toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, "changeit".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                exchange.getResponseHeaders().add("Content-Type", "application/json");
                exchange.sendResponseHeaders(200, 0);
                OutputStream body = exchange.getResponseBody();
                body.write("{\"data\":[{\"id\":\"default\"}]}".getBytes(UTF_8));
            }
        });
        server.start();
    }

    @AfterAll
    static void stop() {
        server.stop(0);
    }

    @Test
    void thePrivateAuthorityIsTrusted() {
        assertThat(console.run("models", "--url", address("localhost"), "--cacert", authority.toString()))
                .isZero();
        console.with("LLMGINE_CACERT", authority.toString());
        assertThat(console.run("sessions", "rename", "--url", address("localhost"), "a", "b"))
                .isZero();

        assertThat(console.out()).contains("default").contains("Renamed a to b");
        assertThat(console.err()).isEmpty();
    }

    @Test
    void withoutItTheCertificateIsNotTrusted() {
        for (String[] command : List.of(new String[] {"models"}, new String[] {"sessions", "rename", "a", "b"})) {
            Console fresh = new Console().with("LLMGINE_URL", address("localhost"));

            assertThat(fresh.run(command)).isEqualTo(69);

            assertThat(fresh.err())
                    .isEqualTo("llmgine: The certificate of " + address("localhost")
                            + " is not trusted: no known authority signed it. Give that of a private one with --cacert FILE or"
                            + " LLMGINE_CACERT.\n");
        }
    }

    @Test
    void anotherNameIsRefused() {
        console.with("LLMGINE_CACERT", authority.toString()).with("LLMGINE_URL", address("127.0.0.1"));

        assertThat(console.run("models")).isEqualTo(69);
        assertThat(console.run("sessions", "rename", "a", "b")).isEqualTo(69);

        assertThat(console.err().lines())
                .hasSize(2)
                .allMatch(line -> line.endsWith("belongs to another name than 127.0.0.1."));
    }

    @Test
    void aHostWithTlsOnlyIsTold() {
        for (String[] command : List.of(new String[] {"models"}, new String[] {"sessions", "rename", "a", "b"})) {
            Console fresh = new Console()
                    .with(
                            "LLMGINE_URL",
                            "http://localhost:" + server.getAddress().getPort());

            assertThat(fresh.run(command)).isEqualTo(69);

            assertThat(fresh.err()).contains("answers with TLS only: is https:// meant?");
        }
    }

    @Test
    void aHostWithoutTlsIsTold() throws Exception {
        try (ServerSocket plain = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread answering = Thread.ofVirtual().start(() -> {
                try (Socket socket = plain.accept()) {
                    socket.getInputStream().read();
                    socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(UTF_8));
                    socket.getInputStream().skipNBytes(Long.MAX_VALUE); // until the client leaves
                } catch (IOException e) {
                    // the client left
                }
            });

            assertThat(console.run("models", "--url", "https://localhost:" + plain.getLocalPort()))
                    .isEqualTo(69);

            answering.join();
            assertThat(console.err()).contains("answers without TLS: is http:// meant?");
        }
    }

    @Test
    void aFileThatIsNoCertificateIsWrongUsage() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.pem"), "");
        Path text = Files.writeString(folder.resolve("text.pem"), "no certificate");

        Path key = Files.writeString(
                folder.resolve("key.pem"), "-----BEGIN PRIVATE KEY-----\nMC4CAQA=\n-----END PRIVATE KEY-----\n");

        for (Path file : List.of(folder.resolve("none.pem"), empty, text, key)) {
            Console fresh = new Console();
            assertThat(fresh.run("models", "--url", address("localhost"), "--cacert", file.toString()))
                    .isEqualTo(2);
            assertThat(fresh.err())
                    .contains(file.toString())
                    .containsAnyOf("holds no certificate in PEM form.", "with the authority's certificate.");
        }
    }

    @Test
    void theReasonsHaveSentences() {
        assertThat(Trust.explain(HOST, failed(new CertificateExpiredException("x"))))
                .endsWith("has expired.");
        assertThat(Trust.explain(HOST, failed(new CertificateNotYetValidException("x"))))
                .contains("not valid yet");
        assertThat(Trust.explain(HOST, new IOException("odd")))
                .isEqualTo("No secure connection to https://host:1 came about (odd).");
    }

    private static IOException failed(Exception cause) {
        IOException failure = new SSLHandshakeException("failed");
        failure.initCause(cause);
        return failure;
    }

    private static String address(String name) {
        return "https://" + name + ":" + server.getAddress().getPort();
    }

    private static void keytool(Path store, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-keystore", store.toString(), "-storepass", "changeit"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }
}
