package org.llmgine.http.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.Counter;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HalfRequestTest {
    private static final String WHOLE = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
    private static final String ANSWER = "{\"status\":\"live\"}";

    private static Host host;
    /** The timer's time only goes forward, from test to test. */
    private static int seconds;

    @BeforeAll
    static void start() throws Exception {
        host = new Host(Map.of("headTimeoutMs", 3000), Map.of());
        // The gate knows Jetty from the first request on.
        host.get("/health/live");
    }

    @AfterAll
    static void stop() throws Exception {
        host.close();
    }

    @Test
    void aHeadThatIsNotWholeInTimeIsAnsweredWith408() throws Exception {
        try (Socket half = host.connect()) {
            send(half, "GET /health/li");
            roundsUntilAnswered(half);

            assertThat(rest(half))
                    .startsWith("HTTP/1.1 408 Request Timeout\r\nContent-Type: application/problem+json\r\n")
                    .contains("Cache-Control: no-store", "Connection: close", "\"code\":\"request_timeout\"");
        }
    }

    @Test
    void theNextHeadOfAConnectionIsWatchedToo() throws Exception {
        try (Socket second = host.connect()) {
            wholeRequest(second);
            round();
            send(second, "GET /");
            roundsUntilAnswered(second);

            assertThat(rest(second)).startsWith("HTTP/1.1 408 ");
        }
    }

    @Test
    void aConnectionThatIsSilentBetweenRequestsIsKept() throws Exception {
        try (Socket idle = host.connect();
                Socket between = host.connect()) {
            wholeRequest(between);
            for (int i = 0; i < 10; i++) {
                round();
            }

            wholeRequest(idle);
            wholeRequest(between);
        }
    }

    private static void round() {
        seconds += 2;
        host.timer.roundIn(Duration.ofSeconds(seconds));
    }

    private static void roundsUntilAnswered(Socket socket) throws IOException {
        while (socket.getInputStream().available() == 0) {
            round();
            Thread.onSpinWait();
        }
    }

    /** Make a request and wait until the gate has let go of it. */
    private static void wholeRequest(Socket socket) throws IOException {
        Counter answered = host.registry.counter(
                "llmgine_http_requests_total{method=\"GET\",path=\"/health/live\",status=\"200\"}");
        long before = answered.getCount();
        send(socket, WHOLE);
        InputStream in = socket.getInputStream();
        StringBuilder text = new StringBuilder();
        while (!text.toString().endsWith(ANSWER)) {
            int value = in.read();
            assertThat(value).describedAs("after %s", text).isNotNegative();
            text.append((char) value);
        }
        while (answered.getCount() == before) {
            Thread.onSpinWait();
        }
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String rest(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
