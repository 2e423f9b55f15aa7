package org.llmgine.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.llmgine.cli.ScriptedHost.answer;
import static org.llmgine.cli.ScriptedHost.delta;
import static org.llmgine.cli.ScriptedHost.finish;
import static org.llmgine.cli.ScriptedHost.send;
import static org.llmgine.cli.ScriptedHost.stream;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.llmgine.cli.ScriptedHost.Request;
import org.llmgine.cli.ScriptedHost.Script;
import picocli.CommandLine;

@Timeout(20)
class ChatCommandTest {
    private static final String DONE = "data: [DONE]\n\n";

    private final Console console = new Console().with("LLMGINE_KEY", "k-123");

    @Test
    void theAnswerIsPrintedAsPlainText() {
        try (ScriptedHost host = host(stream(delta("Grüße, ") + delta("Welt.") + finish("stop") + DONE))) {
            assertThat(console.run("chat", "Say", "hello")).isZero();

            assertThat(console.out()).isEqualTo("Grüße, Welt.\n");
            assertThat(console.err()).isEmpty();
            Request request = host.requests.getFirst();
            assertThat(request.method()).isEqualTo("POST");
            assertThat(request.path()).isEqualTo("/v1/chat/completions");
            assertThat(request.key()).isEqualTo("Bearer k-123");
            assertThat(Json.read(request.body()))
                    .isEqualTo(Map.of(
                            "model",
                            "default",
                            "stream",
                            true,
                            "messages",
                            List.of(Map.of("role", "user", "content", "Say hello"))));
        }
    }

    @Test
    void aPieceIsPrintedBeforeTheNextIsSent() {
        CountDownLatch printed = new CountDownLatch(1);
        Script script = exchange -> {
            exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            send(exchange, ": ping\n\n" + delta("one "));
            if (printed.await(10, TimeUnit.SECONDS)) {
                send(exchange, delta("two") + DONE);
            }
        };
        try (ScriptedHost host = host(script)) {
            Io terminal = console.terminal();
            PrintStream watched = new PrintStream(new OutputStream() {
                @Override
                public void write(int b) {
                    console.out.write(b);
                    if (console.out().equals("one ")) {
                        printed.countDown();
                    }
                }
            });

            int code = Main.run(
                    new Io(terminal.environment(), terminal.in(), watched, terminal.err(), terminal.interactive()),
                    "chat",
                    "count");

            assertThat(code).isZero();
            assertThat(console.out()).isEqualTo("one two\n");
            assertThat(host.requests).hasSize(1);
        }
    }

    @Test
    void modelAndAddressCanBeGiven() {
        try (ScriptedHost host = new ScriptedHost(stream(delta("391\\n") + DONE))) {
            assertThat(console.run(
                            "chat",
                            "--url",
                            "http://localhost:" + host.port() + "/",
                            "-m",
                            "engine/tool-chat",
                            "What is 17*23?"))
                    .isZero();

            assertThat(console.out()).isEqualTo("391\n");
            assertThat(Json.text(Json.read(host.requests.getFirst().body()), "model"))
                    .isEqualTo("engine/tool-chat");
        }
    }

    @Test
    void theQuestionCanBePipedIn() {
        try (ScriptedHost host = host(stream(delta("ok") + DONE))) {
            assertThat(console.pipe("What is\nthis?\n").run("chat")).isZero();
            assertThat(console.pipe("+ a line\n").run("chat", "Explain:", "-")).isZero();

            assertThat(host.requests)
                    .extracting(request -> Json.text(Json.read(request.body()), "messages", 0, "content"))
                    .containsExactly("What is\nthis?", "Explain: \n+ a line");
        }
    }

    @Test
    void inputIsLeftAloneWhenThereIsText() {
        try (ScriptedHost host = host(stream(delta("ok") + DONE))) {
            assertThat(console.pipe("not meant").run("chat", "hello")).isZero();

            assertThat(host.requests.getFirst().body()).doesNotContain("not meant");
        }
    }

    @Test
    void theWholeAnswerCanBeJson() {
        try (ScriptedHost host = host(answer(200, "application/json", "{\"choices\":[]}"))) {
            assertThat(console.run("chat", "--json", "hello")).isZero();

            assertThat(console.out().lines()).containsExactly("{\"choices\":[]}");
            assertThat(host.requests.getFirst().body()).contains("\"stream\":false");
        }
    }

    @Test
    void theKeyOfTheDataFolderIsUsed(@TempDir Path data) throws IOException {
        Files.writeString(data.resolve("cli.key"), "k-file\n");
        console.with("LLMGINE_KEY", "").with("LLMGINE_DATA", data.toString());
        try (ScriptedHost host = host(stream(DONE))) {
            assertThat(console.run("chat", "hello")).isZero();

            assertThat(host.requests.getFirst().key()).isEqualTo("Bearer k-file");
        }
    }

    @Test
    void refusalsAndCutsAreShown() {
        String refusal = "data: {\"choices\":[{\"delta\":{\"refusal\":\"I'd rather not.\"}}]}\n\n";
        try (ScriptedHost host = host(stream(refusal + finish("content_filter") + finish("length") + DONE))) {
            assertThat(console.run("chat", "hello")).isZero();

            assertThat(console.out()).isEqualTo("I'd rather not.\n");
            assertThat(console.err().lines())
                    .containsExactly(
                            "llmgine: The answer is cut by the provider's content filter.",
                            "llmgine: The answer is cut at the token limit.");
            assertThat(host.requests).hasSize(1);
        }
    }

    @Test
    void anErrorInMidStreamIsReportedBelowWhatCame() {
        String error =
                "data: {\"error\":{\"message\":\"The back-end broke off. Ask again.\",\"code\":\"provider_error\"}}\n\n";
        try (ScriptedHost host = host(stream(delta("Half an ans") + error))) {
            assertThat(console.run("chat", "hello")).isEqualTo(1);

            assertThat(console.out()).isEqualTo("Half an ans\n");
            assertThat(console.err().lines()).containsExactly("llmgine: The back-end broke off. Ask again.");
            assertThat(host.requests).hasSize(1);
        }
    }

    @Test
    void anAnswerWithoutItsEndIsAnError() {
        try (ScriptedHost host = host(stream(delta("Half")))) {
            assertThat(console.run("chat", "hello")).isEqualTo(1);

            assertThat(console.err()).contains("The answer broke off: the host ended the connection early.");
            assertThat(host.requests).hasSize(1);
        }
    }

    @Test
    void anEventThatIsNoJsonIsAnError() {
        try (ScriptedHost host = host(stream("data: <html>\n\n"))) {
            assertThat(console.run("chat", "hello")).isEqualTo(1);

            assertThat(console.err()).contains("an event that is no JSON");
            assertThat(host.requests).hasSize(1);
        }
    }

    @Test
    void aSilentHostIsLeft() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        Script script = exchange -> {
            asked.countDown();
            exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            send(exchange, delta("one"));
            over.await();
        };
        try (ScriptedHost host = host(script);
                AutoCloseable _ = over::countDown) {
            ChatCommand command = new ChatCommand(console.terminal());
            command.silenceMs = 100;
            StringBuilder told = new StringBuilder();

            int code = new CommandLine(command)
                    .setExecutionExceptionHandler((failure, line, parsed) -> {
                        told.append(failure.getMessage());
                        return 1;
                    })
                    .execute("hello");

            assertThat(code).isEqualTo(1);
            assertThat(told).contains("the host was silent");
            assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(host.requests).hasSize(1);
        }
    }

    @Test
    void theHostsErrorsAreToldInItsWords() {
        Script script = exchange -> {
            exchange.getResponseHeaders().add("Retry-After", "3");
            answer(503, "application/json", "{\"error\":{\"message\":\"No provider is ready.\"}}")
                    .play(exchange);
        };
        try (ScriptedHost host = host(script)) {
            assertThat(console.run("chat", "hello")).isEqualTo(1);

            assertThat(console.err().lines()).containsExactly("llmgine: No provider is ready.", "Try again in 3 s.");
            assertThat(console.out()).isEmpty();
            assertThat(host.requests).hasSize(1);
        }
    }

    @Test
    void aRefusedKeySaysWhereItCameFrom() {
        try (ScriptedHost host =
                host(answer(401, "application/json", "{\"error\":{\"message\":\"This key is not valid.\"}}"))) {
            assertThat(console.run("chat", "hello")).isEqualTo(77);

            assertThat(console.err().lines())
                    .containsExactly(
                            "llmgine: This key is not valid.",
                            "The key came from LLMGINE_KEY: is it one of this host?");
            assertThat(console.err()).doesNotContain("k-123");
            assertThat(host.requests).hasSize(1);
        }
    }

    @Test
    void aMissingRoleIsNoPermission() {
        try (ScriptedHost host =
                host(answer(403, "application/json", "{\"error\":{\"message\":\"This needs the role user.\"}}"))) {
            assertThat(console.run("chat", "hello")).isEqualTo(77);

            assertThat(console.err().lines()).containsExactly("llmgine: This needs the role user.");
            assertThat(host.requests).hasSize(1);
        }
    }

    @Test
    void anotherProgramOnThePortIsTold() {
        for (Script script : List.of(
                answer(404, "text/html", "<h1>Not found</h1>"),
                answer(500, "application/json", "{\"status\":500}"),
                answer(200, "text/html", "<h1>Hello</h1>"))) {
            Console fresh = new Console();
            try (ScriptedHost host = new ScriptedHost(script)) {
                assertThat(fresh.with("LLMGINE_HTTP_PORT", host.port()).run("chat", "hello"))
                        .isEqualTo(69);

                assertThat(fresh.err()).contains("is no LLMgine host").contains("Is another program at this address?");
            }
        }
    }

    @Test
    void nobodyThereIsTold() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }

        assertThat(console.with("LLMGINE_URL", "http://127.0.0.1:" + port).run("chat", "hello"))
                .isEqualTo(69);
        assertThat(console.err())
                .startsWith("llmgine: No host answers at http://127.0.0.1:" + port)
                .contains("./llmgine run");

        assertThat(console.with("LLMGINE_URL", "http://nobody.invalid").run("chat", "hello"))
                .isEqualTo(69);
        assertThat(console.err()).contains("the name is not known");
    }

    @Test
    void aConnectionThatBreaksIsTold() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread breaker = Thread.ofVirtual().start(() -> {
                try (Socket socket = server.accept()) {
                    server.close(); // Java connects once more when a connection ends without a word
                    socket.getInputStream().read();
                } catch (IOException e) {
                    // the client sees it too
                }
            });

            int code = console.with("LLMGINE_HTTP_PORT", Integer.toString(server.getLocalPort()))
                    .run("chat", "hello");

            breaker.join();
            assertThat(code).isEqualTo(1);
            assertThat(console.err()).startsWith("llmgine: The connection to the host broke");
        }
    }

    @Test
    void aClosedPipeEndsTheReading() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        Script script = exchange -> {
            exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            send(exchange, delta("one"));
            over.await();
        };
        try (ScriptedHost host = host(script);
                AutoCloseable _ = over::countDown) {
            PrintStream closed = new PrintStream(new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    throw new IOException("Broken pipe");
                }
            });
            Io terminal =
                    new Io(console.environment, new ByteArrayInputStream(new byte[0]), closed, System.err, () -> true);

            assertThat(Main.run(terminal, "chat", "hello")).isZero();
            assertThat(host.requests).hasSize(1);
        }
    }

    private ScriptedHost host(Script script) {
        ScriptedHost host = new ScriptedHost(script);
        console.with("LLMGINE_HTTP_PORT", host.port());
        return host;
    }
}
