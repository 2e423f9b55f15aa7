package org.llmgine.http.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.core.command.RunTurn;

/** What ends because nothing moves any more, and what does not, by times that are short enough to be waited for. */
@Timeout(60)
class SilenceHttpTest {
    private static final String HI = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    private static final String HEAD_OF_STREAM =
            "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"stream\":true}";

    private static Host host;

    @BeforeAll
    static void start() throws Exception {
        Map<String, String> idleTime = Map.of("org.apache.felix.http.timeout", "2000");
        host = new Host(Map.of(), idleTime, UnreadBody.PAUSE, UnreadBody.LIMIT);
    }

    @AfterAll
    static void stop() throws Exception {
        host.close();
    }

    @AfterEach
    void usualSettings() {
        change(Map.of());
        host.commands.script = FakeCommands.HELLO;
    }

    @Test
    void aBodyThatSaysItIsTooLargeIsRefusedUnread() throws Exception {
        change(Map.of("maxBodyBytes", 1024L));
        String answer = host.raw(Host.chatHead() + "Content-Length: 1025\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 413 ").contains("too_large", "1024 bytes", "Connection: close");
    }

    @Test
    void aBodyThatStopsHalfwayTimesOut() throws Exception {
        assertThat(host.raw(Host.chatHead() + "Content-Length: 100\r\n\r\n{\"mess"))
                .startsWith("HTTP/1.1 408 ")
                .contains("request_timeout", "Connection: close");
    }

    @Test
    void aBodyThatDripsTimesOut() throws Exception {
        change(Map.of("bodyTimeoutMs", 700));
        try (Socket socket = host.connect()) {
            socket.getOutputStream()
                    .write((Host.chatHead() + "Content-Length: 100000\r\n\r\n").getBytes(StandardCharsets.UTF_8));
            Thread drip = Thread.ofVirtual().start(() -> drip(socket));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            drip.interrupt();

            assertThat(answer).startsWith("HTTP/1.1 408 ").contains("request_timeout");
        }
    }

    /** Never silent as long as Jetty's idle time, so that only the deadline for the whole helps; other requests set the pace. */
    private static void drip(Socket socket) {
        try {
            while (!Thread.interrupted()) {
                socket.getOutputStream().write(' ');
                host.raw("GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            }
        } catch (IOException e) {
            // The server has had enough.
        }
    }

    @Test
    void aTurnThatTakesLongIsNotCutByTheIdleTimeOut() throws Exception {
        host.commands.script = turn -> {
            // Silent connections measure the connector's idle time: two of them, one after the other.
            assertThat(host.raw("")).isEmpty();
            assertThat(host.raw("")).isEmpty();
            return FakeCommands.HELLO.run(turn);
        };

        assertThat(host.chat(HI).statusCode()).isEqualTo(200);
        assertThat(host.chat(HEAD_OF_STREAM).body()).endsWith("data: [DONE]\n\n");
    }

    @Test
    void aReaderThatDoesNotReadIsLeft() throws Exception {
        BlockingQueue<LlmgineException> thrown = new LinkedBlockingQueue<>();
        host.commands.script = turn -> {
            try {
                while (true) {
                    turn.emitter().emit(new TextDelta("word ".repeat(1000)));
                }
            } catch (LlmgineException e) {
                thrown.add(e);
                throw e;
            }
        };
        host.commands.turns.clear();
        try (Socket socket = host.connect()) {
            socket.getOutputStream()
                    .write((Host.chatHead() + "Content-Length: " + HEAD_OF_STREAM.length() + "\r\n\r\n"
                                    + HEAD_OF_STREAM)
                            .getBytes(StandardCharsets.UTF_8));

            assertThat(thrown.take().code().name()).isEqualTo("cancelled");
            RunTurn turn = host.commands.turns.take();
            assertThat(turn.cancellation().isCancelled()).isTrue();
        }
    }

    private static void change(Map<String, Object> changes) {
        host.settings.modified(Host.config(changes));
    }
}
