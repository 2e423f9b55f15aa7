package org.llmgine.provider.openai.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.llmgine.provider.openai.internal.FakeBackend.DONE;
import static org.llmgine.provider.openai.internal.FakeBackend.finish;
import static org.llmgine.provider.openai.internal.FakeBackend.stream;
import static org.llmgine.provider.openai.internal.FakeBackend.text;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.message.Message;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.testkit.FakeSettings;

/** The back-end over TLS, as all are that others run. */
class TlsTest {
    private static final String PASSWORD = "changeit";

    /** A slow machine may be silent for a while between two requests. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private SSLContext before;
    private SSLContext context;
    private FakeBackend server;

    @BeforeEach
    void start() throws Exception {
        before = SSLContext.getDefault();
        context = context();
        server = new FakeBackend(context.getServerSocketFactory());
    }

    @AfterEach
    void stop() throws Exception {
        SSLContext.setDefault(before);
        server.close();
    }

    @Test
    void streamsComeWhetherOrNotTheBackEndSpeaksTheNewerProtocol() throws Exception {
        SSLContext.setDefault(context);
        for (boolean http2 : new boolean[] {false, true}) {
            Backend backend = backend(server.url().replace("http:", "https:"), http2);
            for (int i = 0; i < 3; i++) {
                server.then(stream(text("a"), text("b"), finish("stop"), DONE));
                try (ModelStream stream = backend.open(request())) {
                    assertThat(List.of(stream.next(), stream.next(), stream.next()))
                            .containsExactly(new TextDelta("a"), new TextDelta("b"), new Finish("stop"));
                }
            }
            server.then(exchange -> {
                exchange.head(200, "Transfer-Encoding: chunked");
                exchange.chunk(text("a"));
                server.untilCut(exchange);
            });
            try (ModelStream stream = backend.open(request())) {
                assertThat(stream.next()).isEqualTo(new TextDelta("a"));
            }
            assertThat(server.awaitCut()).isTrue();
            backend.close();
        }
    }

    @Test
    void aConnectionWhoseEndComesInARecordOfItsOwnIsUsedAgain() throws Exception {
        SSLContext.setDefault(context);
        Backend backend = backend(server.url().replace("http:", "https:"), false);
        for (int i = 0; i < 3; i++) {
            CountDownLatch read = new CountDownLatch(1);
            CountDownLatch ended = new CountDownLatch(1);
            server.then(exchange -> {
                exchange.head(200, "Transfer-Encoding: chunked");
                exchange.chunk(finish("stop") + DONE);
                await(read);
                exchange.raw("0\r\n\r\n");
                ended.countDown();
            });
            try (ModelStream stream = backend.open(request())) {
                assertThat(stream.next()).isEqualTo(new Finish("stop"));
            }
            read.countDown();
            await(ended);
        }
        assertThat(server.connections()).isEqualTo(1);
        backend.close();
    }

    @Test
    void aHandshakeThatNeverEndsMeetsTheLimitOfTheConnection() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Backend backend = Backend.of(
                    "openai~test",
                    FakeSettings.of(
                            OpenAiSettings.class,
                            Map.of(
                                    "baseUrl",
                                    "https://127.0.0.1:" + silent.getLocalPort(),
                                    "connectTimeoutMs",
                                    200,
                                    "modelsRefreshMs",
                                    0)),
                    Map.of());

            assertThatThrownBy(() -> backend.open(request())).isInstanceOfSatisfying(LlmgineException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
                assertThat(e.hint().orElseThrow()).contains("connectTimeoutMs");
            });
            backend.close();
        }
    }

    @Test
    void theNewerProtocolIsNeverTriedWithoutTls() throws Exception {
        try (FakeBackend plain = new FakeBackend()) {
            Backend backend = backend(plain.url(), true);
            plain.then(stream(finish("stop")));
            backend.open(request()).close();

            assertThat(plain.request().headers()).doesNotContainKeys("upgrade", "http2-settings");
            backend.close();
        }
    }

    @Test
    void aCertificateThatNobodyTrustsIsSaidSo() {
        Backend backend = backend(server.url().replace("http:", "https:"), false);

        assertThatThrownBy(() -> backend.open(request())).isInstanceOfSatisfying(LlmgineException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
            assertThat(e).hasMessageContaining("over TLS");
            assertThat(e.hint().orElseThrow()).contains("certificate");
        });
        backend.close();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Backend backend(String url, boolean http2) {
        return Backend.of(
                "openai~test",
                FakeSettings.of(OpenAiSettings.class, Map.of("baseUrl", url, "http2", http2, "modelsRefreshMs", 0)),
                Map.of(),
                PATIENCE,
                PATIENCE);
    }

    private static ModelRequest request() {
        return ModelRequest.builder("m").messages(List.of(Message.user("Hi"))).build();
    }

    /** Make a context with a certificate of its own, which it trusts. */
    private SSLContext context() throws Exception {
        Path store = folder.resolve("store.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "test",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "SAN=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD)
                .inheritIO()
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD.toCharArray());
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(keys);
        SSLContext made = SSLContext.getInstance("TLS");
        made.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
        return made;
    }
}
