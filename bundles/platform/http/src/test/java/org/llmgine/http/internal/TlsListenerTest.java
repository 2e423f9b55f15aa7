package org.llmgine.http.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.apache.felix.hc.api.Result;
import org.apache.felix.http.jetty.ConnectorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.llmgine.api.stream.TextDelta;

@Timeout(60)
class TlsListenerTest {
    @TempDir
    private Path folder;

    private final Map<String, Object> settings = new HashMap<>();
    private Host host;
    private int port;
    private int seconds;

    @BeforeEach
    void start() throws Exception {
        host = new Host(Map.of("headTimeoutMs", 3000), Map.of("org.apache.felix.http.jetty.headerBufferSize", "4096"));
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        settings.put("port", port);
        settings.put("host", "127.0.0.1");
        settings.put("certificate", folder.resolve("cert.pem").toString());
        settings.put("key", folder.resolve("key.pem").toString());
    }

    @AfterEach
    void stop() throws Exception {
        host.close();
    }

    private TlsListener open() {
        TlsListener listener = new TlsListener(
                () -> {}, Host.tls(settings), host.connections, host.timer, Map.of(TlsMaterial.PASSWORD, "")::get);
        host.context()
                .registerService(
                        ConnectorFactory.class, new TlsConnectorFactory(listener), Host.properties("name", "tls"));
        return listener;
    }

    private void lay(String certificate, String key) throws IOException {
        Files.copy(TlsMaterialTest.file(certificate), folder.resolve("cert.pem"), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(TlsMaterialTest.file(key), folder.resolve("key.pem"), StandardCopyOption.REPLACE_EXISTING);
    }

    private void round() {
        seconds += 2;
        host.timer.roundIn(Duration.ofSeconds(seconds));
    }

    @Test
    void theApiIsServedOverTlsWithThePlainListenersLimits() throws Exception {
        lay("rsa.pem", "rsa-key.pem");
        TlsListener listener = open();

        try (SSLSocket socket = connect("TLSv1.3", "TLSv1.2")) {
            assertThat(ask(socket, "GET /health/live HTTP/1.1\r\nHost: anything\r\n\r\n", "}"))
                    .startsWith("HTTP/1.1 200 ");
            assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
        }
        try (SSLSocket socket = connect("TLSv1.2")) {
            assertThat(ask(socket, "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n", "}"))
                    .startsWith("HTTP/1.1 200 ");
            assertThat(socket.getSession().getCipherSuite()).contains("_GCM_");
        }
        try (SSLSocket socket = connect("TLSv1.3")) {
            String large = "GET / HTTP/1.1\r\nHost: x\r\nX-Large: " + "x".repeat(5000) + "\r\n\r\n";
            assertThat(ask(socket, large, "}")).startsWith("HTTP/1.1 431 ").contains("headers_too_large");
        }
        assertThat(listener.execute().getStatus()).isEqualTo(Result.Status.OK);
        assertThat(listener.url()).hasValue("https://127.0.0.1:" + port);
    }

    @Test
    void aNewCertificateIsShownToNewConnectionsWhileOpenStreamsGoOn() throws Exception {
        lay("rsa.pem", "rsa-key.pem");
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch replaced = new CountDownLatch(1);
        host.commands.script = turn -> {
            turn.emitter().emit(new TextDelta("before "));
            begun.countDown();
            replaced.await();
            turn.emitter().emit(new TextDelta("after"));
            return FakeCommands.summary("stop");
        };
        TlsListener listener = open();
        try (SSLSocket stream = connect("TLSv1.3")) {
            String body =
                    "{\"model\":\"fake/plain\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";
            stream.getOutputStream()
                    .write((Host.chatHead() + "Content-Length: " + body.length() + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.US_ASCII));
            begun.await();
            assertThat(subject()).isEqualTo("CN=rsa.test");

            lay("ec.pem", "ec-key.pem");
            round();
            assertThat(subject()).as("still being written").isEqualTo("CN=rsa.test");
            round();

            assertThat(subject()).isEqualTo("CN=ec.test");
            replaced.countDown();
            assertThat(read(stream.getInputStream(), "[DONE]")).contains("\"before \"", "\"after\"");
        }
        settings.put("certificate", TlsMaterialTest.file("ed.pem").toString());
        settings.put("key", TlsMaterialTest.file("ed-key.pem").toString());
        listener.modified(Host.tls(settings));
        round();
        round();
        assertThat(subject()).isEqualTo("CN=ed.test");
    }

    @Test
    void theLastGoodCertificateStaysWhileTheFilesAreWrong() throws Exception {
        lay("rsa.pem", "rsa-key.pem");
        TlsListener listener = open();
        lay("rsa.pem", "other-key.pem");
        round();
        round();

        assertThat(subject()).isEqualTo("CN=rsa.test");
        assertThat(listener.execute().getStatus()).isEqualTo(Result.Status.OK);
        assertThat(listener.execute().iterator().next().getMessage()).contains("does not belong to");

        lay("other.pem", "other-key.pem");
        round();
        round();
        assertThat(subject()).isEqualTo("CN=other.test");
        assertThat(listener.execute().iterator().next().getMessage()).doesNotContain("does not belong to");
    }

    @Test
    void aHostWithoutAGoodCertificateIsNotReadyUntilItIsMended() throws Exception {
        TlsListener listener = open();

        assertThat(listener.execute().getStatus()).isEqualTo(Result.Status.TEMPORARILY_UNAVAILABLE);
        assertThat(listener.execute().iterator().next().getMessage())
                .contains("There is no file " + folder.resolve("cert.pem"));
        assertThatExceptionOfType(SSLException.class).isThrownBy(this::subject);
        assertThat(listener.url()).isEmpty();

        lay("expired.pem", "expired.pem");
        round();
        round();
        assertThat(subject()).isEqualTo("CN=expired");
        assertThat(listener.execute().getStatus()).isEqualTo(Result.Status.OK);
    }

    @Test
    void aHandshakeThatIsNotWholeInTimeIsCutAndAWholeOneIsNot() throws Exception {
        lay("ec.pem", "ec-key.pem");
        open();
        try (Socket silent = new Socket("127.0.0.1", port);
                Socket half = new Socket("127.0.0.1", port);
                SSLSocket whole = connect("TLSv1.3")) {
            // The beginning of a handshake's record.
            half.getOutputStream().write(new byte[] {0x16, 0x03, 0x01, 0x01, 0x00, 0x01});
            whole.startHandshake();
            ask(whole, "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n", "}");
            while (!ended(half) || !ended(silent)) {
                round();
            }

            assertThat(ask(whole, "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n", "}"))
                    .startsWith("HTTP/1.1 200 ");
        }
        try (SSLSocket head = connect("TLSv1.3")) {
            head.startHandshake();
            head.getOutputStream().write("GET /half".getBytes(StandardCharsets.US_ASCII));
            head.setSoTimeout(50);
            String answer = "";
            while (answer.isEmpty()) {
                round();
                answer = tryRead(head);
            }
            assertThat(answer).startsWith("HTTP/1.1 408 ");
        }
    }

    @Test
    void anotherPortOrHostNeedsARestart() throws Exception {
        lay("ec.pem", "ec-key.pem");
        TlsListener listener = open();
        settings.put("port", port == 65535 ? 1024 : port + 1);
        listener.modified(Host.tls(settings));

        assertThat(subject()).isEqualTo("CN=ec.test");
        assertThat(listener.url()).hasValue("https://127.0.0.1:" + port);
    }

    @Test
    void onEveryAddressTheCertificatesNameIsShown() throws Exception {
        lay("rsa.pem", "rsa-key.pem");
        settings.put("host", "");
        TlsListener listener = open();
        assertThat(listener.url()).hasValue("https://rsa.test:" + port);
    }

    @Test
    void aPortSwitchesItOnAndATakenOneIsTold() throws Exception {
        settings.put("port", 0);
        int[] opened = {0};
        TlsListener listener =
                new TlsListener(() -> opened[0]++, Host.tls(settings), host.connections, host.timer, name -> null);
        assertThat(opened[0]).isZero();
        assertThat(listener.execute().iterator().next().getMessage()).isEqualTo("off");

        settings.put("port", host.port);
        listener.modified(Host.tls(settings));
        assertThat(opened[0]).isOne();
        host.context()
                .registerService(
                        ConnectorFactory.class, new TlsConnectorFactory(listener), Host.properties("name", "tls"));

        assertThat(listener.execute().getStatus()).isEqualTo(Result.Status.TEMPORARILY_UNAVAILABLE);
        assertThat(listener.execute().iterator().next().getMessage()).contains("does not listen on 127.0.0.1, port");
        listener.close();
    }

    /** Shake hands with nothing remembered of earlier connections, and return whose certificate was shown. */
    private String subject() throws IOException {
        try (SSLSocket socket = connect("TLSv1.3")) {
            socket.startHandshake();
            X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            return shown.getSubjectX500Principal().getName();
        }
    }

    private SSLSocket connect(String... protocols) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustAll()}, null);
            SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
            socket.setSoTimeout(20_000);
            socket.setEnabledProtocols(protocols);
            return socket;
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean ended(Socket socket) throws IOException {
        socket.setSoTimeout(50);
        try {
            return socket.getInputStream().read() == -1;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            // It was cut before all that was sent had been read.
            return true;
        }
    }

    private static String tryRead(Socket socket) throws IOException {
        try {
            byte[] bytes = new byte[1000];
            int length = socket.getInputStream().read(bytes);
            return length < 0 ? "the end" : new String(bytes, 0, length, StandardCharsets.US_ASCII);
        } catch (SocketTimeoutException e) {
            return "";
        }
    }

    private static String ask(Socket socket, String request, String end) throws IOException {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return read(socket.getInputStream(), end);
    }

    private static String read(InputStream in, String end) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf(end) < 0) {
            int value = in.read();
            assertThat(value).describedAs("after %s", text).isNotNegative();
            text.append((char) value);
        }
        return text.toString();
    }

    private static final class TrustAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
