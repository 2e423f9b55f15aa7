package org.llmgine.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.llmgine.cli.FakeSessions.delta;
import static org.llmgine.cli.FakeSessions.done;
import static org.llmgine.cli.FakeSessions.events;
import static org.llmgine.cli.ScriptedHost.answer;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.llmgine.cli.ScriptedHost.Script;

@Timeout(20)
class TurnStreamTest {
    private static final String STREAM = "GET /api/sessions/sess_1/turns/turn_1/stream";
    private static final int WORDS = 12;

    private final FakeSessions sessions = new FakeSessions();
    private final List<Integer> losses = new ArrayList<>();

    @Test
    void anAnswerIsReadToItsEnd() throws Exception {
        sessions.turn(FakeSessions.words(3).toArray(String[]::new));
        try (ScriptedHost host = new ScriptedHost(sessions);
                TurnStream stream = start(host)) {
            assertThat(stream.running()).isFalse();
            assertThat(text(stream)).isEqualTo("w1 w2 w3 ");
            assertThat(stream.turn()).isEqualTo("turn_1");
            assertThat(stream.running()).isFalse();
            assertThat(stream.next()).isNull();
            assertThat(losses).isEmpty();
            assertThat(host.requests).hasSize(1);
        }
    }

    /** Wherever the connection is cut, and however often, the joined text is the whole one. */
    @Test
    void aDroppedConnectionIsResumedWithoutLossOrRepetition() throws Exception {
        List<String> whole = FakeSessions.words(WORDS);
        for (int cut = 1; cut <= WORDS; cut++) {
            int length = cut;
            sessions.turn(whole.subList(0, cut).toArray(String[]::new));
            sessions.on(STREAM, exchange -> {
                String last = exchange.getRequestHeaders().getFirst("Last-Event-ID");
                int from = Integer.parseInt(last.substring("turn_1:".length()));
                int to = Math.min(whole.size(), from + length);
                events("turn_1", from + 1, whole.subList(from, to).toArray(String[]::new))
                        .play(exchange);
            });
            try (ScriptedHost host = new ScriptedHost(sessions);
                    TurnStream stream = start(host)) {
                assertThat(text(stream)).isEqualTo("w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11 w12 ");
                assertThat(losses).hasSize(WORDS / cut).containsOnly(1);
                assertThat(host.requests).hasSize(1 + WORDS / cut);
            }
            losses.clear();
        }
    }

    @Test
    void aHostThatIsBusyForAMomentIsAskedAgain() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        sessions.turn(delta("one "));
        sessions.on(STREAM, exchange -> {
            if (attempts.incrementAndGet() < 3) {
                answer(503, "application/problem+json", "{\"detail\":\"It starts.\"}")
                        .play(exchange);
            } else {
                events("turn_1", 2, delta("two"), done()).play(exchange);
            }
        });
        try (ScriptedHost host = new ScriptedHost(sessions);
                TurnStream stream = start(host)) {
            assertThat(text(stream)).isEqualTo("one two");
            assertThat(losses).containsExactly(1, 2, 3);
            assertThat(host.requests).hasSize(4);
        }
    }

    /** While a host starts, its HTTP server answers before the API is there. */
    @Test
    void aHostThatStartsIsAskedAgain() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        sessions.turn(delta("one "));
        sessions.on(STREAM, exchange -> {
            if (attempts.incrementAndGet() < 3) {
                answer(404, "text/html", "<h2>HTTP ERROR 404 Not Found</h2>").play(exchange);
            } else {
                events("turn_1", 2, delta("two"), done()).play(exchange);
            }
        });
        try (ScriptedHost host = new ScriptedHost(sessions);
                TurnStream stream = start(host)) {
            assertThat(text(stream)).isEqualTo("one two");
            assertThat(losses).containsExactly(1, 2, 3);
        }
    }

    @Test
    void theAttemptsEnd() throws Exception {
        sessions.turn(delta("one "));
        sessions.on(STREAM, events("turn_1", 2));
        try (ScriptedHost host = new ScriptedHost(sessions);
                TurnStream stream = start(host)) {
            assertThatExceptionOfType(HostException.class)
                    .isThrownBy(() -> text(stream))
                    .withMessageContaining("the host ended the connection early");
            assertThat(losses).hasSize(TurnStream.ATTEMPTS);
            assertThat(host.requests).hasSize(1 + TurnStream.ATTEMPTS);
        }
    }

    @Test
    void whatIsNoLongerKeptEndsTheReading() throws Exception {
        sessions.turn(delta("one "));
        try (ScriptedHost host = new ScriptedHost(sessions);
                TurnStream stream = start(host)) {
            assertThatExceptionOfType(HostException.class)
                    .isThrownBy(() -> text(stream))
                    .withMessage("There is no " + STREAM + ". Look again.");
            assertThat(losses).containsExactly(1);
            assertThat(host.requests).hasSize(2);
        }
    }

    @Test
    void aQuestionIsNeverAskedTwice() throws Exception {
        Script refuse = answer(409, "application/problem+json", "{\"detail\":\"A turn runs.\",\"code\":\"busy\"}");
        Script silent = exchange -> {
            exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
        };
        for (Script script : List.of(refuse, silent, events("turn_1", 1, "data: <html>\n\n"))) {
            sessions.on("POST /api/sessions/sess_1/turns", script);
            try (ScriptedHost host = new ScriptedHost(sessions);
                    TurnStream stream = start(host)) {
                assertThatExceptionOfType(HostException.class).isThrownBy(() -> text(stream));
                assertThat(host.requests).hasSize(1);
            }
        }
        assertThat(losses).isEmpty();
    }

    @Test
    void closingEndsTheWaiting() throws Exception {
        sessions.turn(delta("one "));
        CountDownLatch waiting = new CountDownLatch(1);
        try (ScriptedHost host = new ScriptedHost(sessions)) {
            TurnStream stream =
                    TurnStream.start(host(host), "sess_1", Map.of("prompt", "hi"), _ -> waiting.countDown(), 1_000_000);
            Thread reader = Thread.ofVirtual().start(() -> {
                try {
                    text(stream);
                } catch (HostException e) {
                    losses.add(0);
                }
            });
            assertThat(waiting.await(10, TimeUnit.SECONDS)).isTrue();

            stream.close();

            assertThat(reader.join(java.time.Duration.ofSeconds(10))).isTrue();
            assertThat(losses).containsExactly(0);
            assertThat(stream.next()).isNull();
            assertThat(host.requests).hasSize(1);
        }
    }

    @Test
    void anInterruptEndsTheWaiting() throws Exception {
        sessions.turn(delta("one "));
        try (ScriptedHost host = new ScriptedHost(sessions)) {
            TurnStream stream = TurnStream.start(
                    host(host),
                    "sess_1",
                    Map.of("prompt", "hi"),
                    _ -> Thread.currentThread().interrupt(),
                    1_000_000);

            assertThatExceptionOfType(HostException.class).isThrownBy(() -> text(stream));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(host.requests).hasSize(1);
        }
    }

    private TurnStream start(ScriptedHost host) {
        return TurnStream.start(host(host), "sess_1", Map.of("prompt", "hi"), losses::add, 1);
    }

    private static Host host(ScriptedHost host) {
        return new Host(URI.create("http://127.0.0.1:" + host.port()), new Key("k", ""), null);
    }

    private static String text(TurnStream stream) throws HostException {
        StringBuilder text = new StringBuilder();
        for (TurnEvent event = stream.next(); event != null; event = stream.next()) {
            text.append(event.text("text"));
        }
        return text.toString();
    }
}
