package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class TlsIT {
    private static final int PORT = Host.freePort();
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int STREAMS = 20;

    private static TlsCertificates files;
    private static KeyStore first;
    private static KeyStore second;
    private static Host host;

    @BeforeAll
    static void start() throws IOException, InterruptedException, GeneralSecurityException {
        files = new TlsCertificates(Fixtures.TARGET.resolve("tls"));
        first = files.make("first");
        second = files.make("second");
        files.lay(first, first);
        host = Host.unpack("tls")
                .with("LLMGINE_HTTPS_PORT", Integer.toString(PORT))
                .with("LLMGINE_TLS_CERTIFICATE", files.certificate().toString())
                .with("LLMGINE_TLS_KEY", files.key().toString())
                .start();
        try (Shell shell = host.shell()) {
            shell.install(Fixtures.scriptedProvider());
        }
        Until.holds(
                LIMIT,
                host::output,
                () -> host.api().ask("scripted/paced-1-0", "").isWhole());
    }

    @AfterAll
    static void stop() {
        host.close();
    }

    @Test
    void theBannerNamesItAndPlainHttpStays() throws Exception {
        lay(first, first, first);

        assertThat(host.output()).contains("HTTPS   https://localhost:" + PORT + "/v1");
        try (ChatStream stream = open(first, "paced-20-20")) {
            assertThat(stream.readAll().deltas()).hasSize(20);
        }
        assertThat(host.api().ask("scripted/paced-3-0", "").isWhole()).isTrue();
    }

    @Test
    void aCertificateIsReplacedUnderOpenStreams() throws Exception {
        lay(first, first, first);
        CountDownLatch begun = new CountDownLatch(STREAMS);
        List<Future<ChatStream.Answer>> answers = new ArrayList<>();
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < STREAMS; i++) {
                answers.add(readers.submit(() -> {
                    try (ChatStream stream = open(first, "paced-50-20+gate-renewed+paced-50-0")) {
                        return stream.readAll(delta -> {
                            if (delta.equals(Numbered.word(0))) {
                                begun.countDown();
                            }
                        });
                    }
                }));
            }
            assertThat(begun.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            lay(second, second, second);
            assertThat(answers).anySatisfy(answer -> assertThat(answer.isDone()).isFalse());
            assertThat(isShown(first)).isFalse();
            host.open("renewed");
            for (Future<ChatStream.Answer> answer : answers) {
                assertThat(answer.get().deltas()).isEqualTo(Numbered.words(100));
                assertThat(answer.get().isWhole()).isTrue();
            }
        }
    }

    @Test
    void filesThatDoNotGoTogetherAreToldAndTheLastGoodOnesStay() throws Exception {
        lay(first, first, first);
        files.lay(second, first);

        String sentence = "The key in " + files.key() + " does not belong to the certificate in " + files.certificate();
        Until.holds(
                LIMIT,
                host::output,
                () -> host.output().contains(sentence + ". The last good one stays.")
                        && host.api().get("/health/ready").body().contains(sentence)
                        && isShown(first));

        Files.delete(files.key());
        Until.holds(
                LIMIT, host::output, () -> host.output().contains("There is no file " + files.key()) && isShown(first));
        lay(second, second, second);
    }

    @Test
    void halfHandshakesAreClosedInTimeAndSilentOnesToo() throws Exception {
        lay(first, first, first);
        host.api().set("org.llmgine.http", "headTimeoutMs", "3000");
        try (Socket silent = new Socket("127.0.0.1", PORT);
                Socket half = new Socket("127.0.0.1", PORT)) {
            half.getOutputStream().write(new byte[] {0x16, 0x03, 0x01, 0x01, 0x00, 0x01});
            for (Socket socket : List.of(silent, half)) {
                socket.setSoTimeout((int) LIMIT.toMillis());
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
        } finally {
            host.api().set("org.llmgine.http", "headTimeoutMs", "null");
        }
        Until.holds(LIMIT, host::output, () -> isShown(first));
    }

    /** Lay files down and wait until a certificate is shown. */
    private static void lay(KeyStore certificate, KeyStore key, KeyStore shown)
            throws IOException, GeneralSecurityException {
        files.lay(certificate, key);
        Until.holds(LIMIT, host::output, () -> isShown(shown));
    }

    private static boolean isShown(KeyStore expected) throws Exception {
        try (HttpClient client = client(expected)) {
            return client.send(request("/health/live").build(), HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (SSLHandshakeException e) {
            return false;
        }
    }

    private static ChatStream open(KeyStore trusted, String script) throws Exception {
        HttpRequest request = request("/v1/chat/completions")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(Api.question("scripted/" + script, "")
                        .put("stream", true)
                        .toString()))
                .build();
        HttpResponse<InputStream> response = client(trusted).send(request, HttpResponse.BodyHandlers.ofInputStream());
        return new ChatStream(response);
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("https://localhost:" + PORT + path))
                .header("Authorization", "Bearer " + Host.ADMIN_KEY);
    }

    /** A client that trusts one certificate and remembers no session. */
    private static HttpClient client(KeyStore trusted) throws GeneralSecurityException, IOException {
        KeyStore authorities = KeyStore.getInstance("PKCS12");
        authorities.load(null, null);
        X509Certificate certificate = (X509Certificate) TlsCertificates.certificateOf(trusted);
        authorities.setCertificateEntry("host", certificate);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(authorities);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(context)
                .build();
    }
}
