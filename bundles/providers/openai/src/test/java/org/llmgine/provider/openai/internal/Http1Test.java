package org.llmgine.provider.openai.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.llmgine.provider.openai.internal.FakeBackend.DONE;
import static org.llmgine.provider.openai.internal.FakeBackend.finish;
import static org.llmgine.provider.openai.internal.FakeBackend.stream;
import static org.llmgine.provider.openai.internal.FakeBackend.text;
import static org.llmgine.provider.openai.internal.FakeBackend.whole;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.message.Message;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.testkit.FakeSettings;

/** How answers are framed over HTTP/1.1, and when a connection is used again. */
class Http1Test {
    private static final String A = text("a");
    private static final String END = finish("stop") + DONE;
    private static final String EVENTS = A + END;

    /** A slow machine may be silent for a while between two requests. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private FakeBackend server;
    private Backend backend;

    @BeforeEach
    void start() throws IOException {
        server = new FakeBackend();
        backend = backend(server.url());
    }

    @AfterEach
    void stop() throws IOException {
        backend.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n@1@\r\n#1#\r\n@2@\r\n#2#\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\ntransfer-encoding:CHUNKED\r\n\r\n000@1@;name=\"value\"\r\n#1#\r\n@2@ ;x\r\n#2#\r\n00;last\r\nTrailer: t\r\nOther: o\r\n\r\n",
                "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n@1@\n#1#\n@2@\n#2#\n0\n\n",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n@*@\r\n#*#\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: %*%\r\nContent-Length: %*%\r\n\r\n#*#",
                "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n@*@\r\n#*#\r\n0\r\n\r\n",
            })
    void anAnswerIsReadHoweverItIsCutIntoPieces(String answer) throws Exception {
        String bytes = filled(answer);
        for (int piece : new int[] {bytes.length(), 1, 7, 64}) {
            server.then(exchange -> {
                for (int from = 0; from < bytes.length(); from += piece) {
                    exchange.raw(bytes.substring(from, Math.min(bytes.length(), from + piece)));
                }
            });
            assertThat(all()).containsExactly(new TextDelta("a"), new Finish("stop"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\n\r\n#*#",
                "HTTP/1.0 200 OK\r\nContent-Length: %*%\r\n\r\n#*#",
                "HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: %*%\r\n\r\n#*#",
            })
    void aConnectionThatIsNotKeptIsNotUsedAgain(String answer) {
        for (int i = 1; i <= 2; i++) {
            server.then(exchange -> {
                exchange.raw(filled(answer));
                throw new IOException("closed after the answer");
            });
            assertThat(all()).containsExactly(new TextDelta("a"), new Finish("stop"));
            assertThat(server.connections()).isEqualTo(i);
        }
    }

    @Test
    void aConnectionOfTheFormerVersionIsUsedAgainWhenItIsSaidSo() {
        for (int i = 0; i < 2; i++) {
            server.then(exchange -> exchange.raw(
                    filled("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: %*%\r\n\r\n#*#")));
            all();
        }
        assertThat(server.connections()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-OpenSSH_9\r\n\r\n",
                "HTTP/2 200\r\n\r\n",
                "HTTP/1.1 20 OK\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\n\r\n",
                "HTTP/1.1 200 OK\r\nno field\r\n\r\n",
                "HTTP/1.1 200 OK\r\n: nameless\r\n\r\n",
                "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 12x\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Len",
                "",
            })
    void aHeadThatMakesNoSenseIsTheBackEndsFault(String head) {
        server.then(exchange -> {
            exchange.raw(head);
            throw new IOException("closed");
        });

        assertFails(ErrorCode.PROVIDER_ERROR, "broke the connection off before it answered");
    }

    @Test
    void aHeadWithoutAnEndIsNotReadForEver() {
        server.then(exchange -> {
            exchange.raw("HTTP/1.1 200 OK\r\n");
            while (true) {
                exchange.raw("X: " + "x".repeat(10_000) + "\r\n");
            }
        });

        assertFails(ErrorCode.PROVIDER_ERROR, "broke the connection off before it answered");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r\n",
                "x\r\n",
                "-1\r\n",
                "ffffffffffffffffff\r\n",
                "4\r\nlonger\r\n",
                "4",
                "64\r\nshort",
                "4;@@\r\n",
            })
    void chunksThatMakeNoSenseBreakTheAnswerOff(String chunks) {
        server.then(exchange -> {
            exchange.head(200, "Transfer-Encoding: chunked");
            exchange.chunk(A);
            exchange.raw(chunks.replace("@@", "x".repeat(20_000)));
            throw new IOException("closed");
        });

        try (ModelStream stream = backend.open(request())) {
            assertThat(stream.next()).isEqualTo(new TextDelta("a"));
            assertThatThrownBy(stream::next)
                    .hasMessageStartingWith("The back-end's answer broke off")
                    .isInstanceOfSatisfying(
                            LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PROVIDER_ERROR));
        }
    }

    @Test
    void aBodyThatIsShorterThanItSaidIsBrokenOff() {
        server.then(exchange -> {
            exchange.head(200, "Content-Length: 1000");
            exchange.raw(A);
            throw new IOException("closed");
        });

        try (ModelStream stream = backend.open(request())) {
            stream.next();
            assertThatThrownBy(stream::next).hasMessageStartingWith("The back-end's answer broke off");
        }
    }

    @Test
    void anAnswerWithoutABodyIsNone() {
        server.then(exchange -> exchange.head(204));

        assertFails(ErrorCode.PROVIDER_ERROR, "");
    }

    @Test
    void aConnectionThatIsClosedWhenItIsUsedAgainIsReplacedUnnoticed() throws Exception {
        server.then(stream(EVENTS));
        all();
        server.then(exchange -> {
            throw new IOException("closed");
        });
        server.then(stream(EVENTS));

        assertThat(all()).hasSize(2);
        assertThat(server.connections()).isEqualTo(2);
    }

    @Test
    void anAnswerThatHasBegunIsNotAskedForAgain() {
        server.then(stream(EVENTS));
        all();
        server.then(exchange -> {
            exchange.raw("HTTP/1.1 2");
            throw new IOException("closed");
        });

        assertFails(ErrorCode.PROVIDER_ERROR, "broke the connection off before it answered");
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void whatComesUnaskedCostsTheConnectionOnly() throws Exception {
        CountDownLatch said = new CountDownLatch(1);
        server.then(exchange -> {
            stream(EVENTS).write(exchange);
            exchange.raw("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad");
            said.countDown();
        });
        all();
        assertThat(said.await(10, TimeUnit.SECONDS)).isTrue();
        server.then(stream(EVENTS));

        assertThat(all()).containsExactly(new TextDelta("a"), new Finish("stop"));
        assertThat(server.connections()).isEqualTo(2);
    }

    @Test
    void anErrorsBodyIsReadAndItsConnectionUsedAgain() {
        for (int i = 0; i < 3; i++) {
            server.then(whole(400, "{\"error\":{\"message\":\"No such thing.\"}}"));
            assertFails(ErrorCode.INVALID_REQUEST, "No such thing.");
        }
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void whoRefusesBeforeReadingAllIsHeard() throws Exception {
        try (ServerSocket refusing = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> served = CompletableFuture.runAsync(() -> {
                try (Socket socket = refusing.accept()) {
                    assertThat(socket.getInputStream().read()).isEqualTo('P');
                    String body = "{\"error\":{\"message\":\"Too much.\"}}";
                    socket.getOutputStream()
                            .write(("HTTP/1.1 413 Too Large\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                                    .getBytes(ISO_8859_1));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            try (Backend impatient = backend("http://127.0.0.1:" + refusing.getLocalPort() + "/v1")) {
                assertThatThrownBy(() -> impatient.open(ModelRequest.builder("m")
                                .messages(List.of(Message.user("x".repeat(20_000_000))))
                                .build()))
                        .hasMessageContaining("Too much.");
            }
            served.get(10, TimeUnit.SECONDS);
        }
    }

    private static Backend backend(String url) {
        return Backend.of(
                "openai~test",
                FakeSettings.of(OpenAiSettings.class, Map.of("baseUrl", url, "modelsRefreshMs", 0)),
                Map.of(),
                PATIENCE,
                PATIENCE);
    }

    private void assertFails(ErrorCode code, String message) {
        assertThatThrownBy(this::all)
                .hasMessageContaining(message)
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private List<StreamEvent> all() {
        try (ModelStream stream = backend.open(request())) {
            List<StreamEvent> events = new ArrayList<>();
            do {
                events.add(stream.next());
            } while (!(events.getLast() instanceof Finish));
            return events;
        }
    }

    private static ModelRequest request() {
        return ModelRequest.builder("m").messages(List.of(Message.user("Hi"))).build();
    }

    /** Fill the events in: # their text, @ its length in hexadecimal, % in decimal; 1 and 2 are the halves, * is all. */
    private static String filled(String template) {
        String text = template;
        for (Map.Entry<String, String> part :
                Map.of("1", A, "2", END, "*", EVENTS).entrySet()) {
            String name = part.getKey();
            String value = part.getValue();
            text = text.replace("#" + name + "#", value)
                    .replace("@" + name + "@", Integer.toHexString(value.length()))
                    .replace("%" + name + "%", Integer.toString(value.length()));
        }
        return text;
    }
}
