package org.llmgine.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.llmgine.cli.FakeSessions.delta;
import static org.llmgine.cli.FakeSessions.done;
import static org.llmgine.cli.FakeSessions.event;
import static org.llmgine.cli.FakeSessions.events;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.llmgine.cli.ScriptedHost.Request;

/** Single questions that are asked in a session. */
@Timeout(20)
class SessionChatTest {
    private final FakeSessions answers = new FakeSessions();
    private final Console console = new Console().with("LLMGINE_KEY", "k-123");
    private ScriptedHost host;

    @BeforeEach
    void start() {
        host = new ScriptedHost(answers);
        console.with("LLMGINE_HTTP_PORT", host.port());
    }

    @AfterEach
    void stop() {
        host.close();
    }

    @Test
    void onlyTheAnswerIsPrinted() {
        answers.turn(
                event("status", "{\"text\":\"Thinking\"}"),
                event("reasoning", "{\"text\":\"Hm.\"}"),
                event("tool_call", "{\"id\":\"c\",\"name\":\"clock\",\"arguments\":\"{}\"}"),
                event("tool_result", "{\"id\":\"c\",\"text\":\"12:00\"}"),
                delta("No"),
                event("delta", "{\"refusal\":\"on.\"}"),
                done());

        assertThat(console.pipe("").run("chat", "--session", "sess_1", "When", "is it?"))
                .isZero();

        assertThat(console.out()).isEqualTo("Noon.\n");
        assertThat(console.err()).isEmpty();
        assertThat(host.requests).extracting(Request::body).containsExactly("{\"prompt\":\"When is it?\"}");
    }

    @Test
    void whatWaitsForAPersonIsSaidBesideTheAnswer() {
        answers.turn(event("approval_required", "{\"id\":\"appr_1\",\"tool\":\"send\"}"), delta("Done."), done());

        assertThat(console.pipe("").run("chat", "--session", "sess_1", "hi")).isZero();

        String asks = "llmgine: The tool send needs an approval: llmgine approvals approve appr_1\n";
        assertThat(console.out()).isEqualTo("Done.\n");
        assertThat(console.err()).isEqualTo(asks);
        Console json = new Console().with("LLMGINE_KEY", "k-123").with("LLMGINE_HTTP_PORT", host.port());
        assertThat(json.run("chat", "--session", "sess_1", "--json", "hi")).isZero();
        assertThat(json.err()).isEqualTo(asks);
    }

    @Test
    void theLatestSessionGoesOnWithAnotherModel() {
        answers.turn(delta("ok"), done());

        assertThat(console.run("chat", "--continue", "-m", "engine/single-pass", "--system", "Be brief.", "hi"))
                .isZero();

        assertThat(host.requests)
                .extracting(request -> request.method() + " " + request.path() + " " + request.body())
                .containsExactly(
                        "GET /api/sessions?limit=1 ",
                        "PATCH /api/sessions/sess_1 {\"engine\":\"single-pass\",\"systemPrompt\":\"Be brief.\"}",
                        "POST /api/sessions/sess_1/turns {\"prompt\":\"hi\"}");
    }

    @Test
    void withoutASessionThereIsNothingToContinue() {
        answers.json("GET /api/sessions", "{\"items\":[]}");

        assertThat(console.run("chat", "-c", "hi")).isEqualTo(1);
        assertThat(console.err()).contains("There is no session to continue yet");
        assertThat(console.run("chat", "-c", "--session", "x", "hi")).isEqualTo(2);
        assertThat(console.err()).contains("exclude each other");
    }

    @Test
    void anEngineOnAModelHasASessionThatIsDeletedAgain() {
        answers.turn(delta("ok"), done());
        answers.on("DELETE /api/sessions/sess_1", exchange -> exchange.sendResponseHeaders(204, -1));

        assertThat(console.run("chat", "-e", "tool-chat", "-m", "offline/demo", "hi"))
                .isZero();

        assertThat(console.out()).isEqualTo("ok\n");
        assertThat(host.requests)
                .extracting(request -> request.method() + " " + request.body())
                .containsExactly(
                        "POST {\"model\":\"offline/demo\",\"engine\":\"tool-chat\"}",
                        "POST {\"prompt\":\"hi\"}",
                        "DELETE ");
    }

    @Test
    void engineAndSystemPromptGoWithASingleQuestion() {
        answers.on("POST /v1/chat/completions", ScriptedHost.stream(ScriptedHost.delta("ok") + "data: [DONE]\n\n"));

        assertThat(console.run("chat", "-e", "tool-chat", "--system", "Be brief.", "hi"))
                .isZero();

        Object body = Json.read(host.requests.getFirst().body());
        assertThat(Json.text(body, "model")).isEqualTo("engine/tool-chat");
        assertThat(Json.text(body, "messages", 0, "role")).isEqualTo("system");
        assertThat(Json.text(body, "messages", 1, "content")).isEqualTo("hi");
    }

    @Test
    void theWholeTurnCanBeJson() {
        answers.turn(delta("ok"), event("done", "{\"turn\":{\"id\":\"turn_1\"}}"));
        answers.json(
                "GET /api/sessions/sess_1",
                "{\"messages\":[{\"id\":\"msg_1\",\"turn\":\"turn_0\"},{\"id\":\"msg_2\",\"turn\":\"turn_1\"}]}");

        assertThat(console.run("chat", "--session", "sess_1", "--json", "hi")).isZero();

        assertThat(console.out())
                .isEqualTo("{\"turn\":{\"id\":\"turn_1\"},\"messages\":[{\"id\":\"msg_2\",\"turn\":\"turn_1\"}]}\n");
    }

    /** In a process of its own: what is tested happens as it ends. */
    @Test
    @Timeout(180)
    void ctrlCCancelsTheTurn() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        Semaphore resumed = new Semaphore(0);
        Semaphore cancelled = new Semaphore(0);
        answers.turn(delta("Half"));
        answers.on("GET /api/sessions/sess_1/turns/turn_1/stream", exchange -> {
            resumed.release(); // so it knows its turn
            over.await();
        });
        answers.on("DELETE /api/sessions/sess_1/turns/turn_1", exchange -> {
            cancelled.release();
            ScriptedHost.answer(200, "application/json", "{}").play(exchange);
        });
        try (AutoCloseable _ = over::countDown) {
            for (String option : List.of("--json", "--system=Be brief.")) {
                ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "chat",
                        "--session=sess_1",
                        option,
                        "hi");
                builder.environment().putAll(console.environment);
                Process process = builder.redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
                assertThat(resumed.tryAcquire(60, TimeUnit.SECONDS)).isTrue();

                process.destroy();

                assertThat(cancelled.tryAcquire(60, TimeUnit.SECONDS))
                        .as(option)
                        .isTrue();
                process.waitFor();
            }
        }
    }

    @Test
    void aLostConnectionIsToldOnceAndResumed() {
        answers.turn(delta("one "));
        answers.on("GET /api/sessions/sess_1/turns/turn_1/stream", events("turn_1", 2, delta("two"), done()));

        assertThat(console.run("chat", "--session", "sess_1", "hi")).isZero();

        assertThat(console.out()).isEqualTo("one \ntwo\n");
        assertThat(console.err()).isEqualTo("llmgine: The connection is lost; trying to go on.\n");
    }

    @Test
    void aFailedTurnIsAnError() {
        answers.turn(
                delta("Half"),
                event("error", "{\"code\":\"x\",\"message\":\"It broke.\",\"hint\":\"Ask again.\",\"turn\":{}}"));

        assertThat(console.run("chat", "--session", "sess_1", "hi")).isEqualTo(1);

        assertThat(console.out()).isEqualTo("Half\n");
        assertThat(console.err()).isEqualTo("llmgine: It broke. Ask again.\n");
    }

    @Test
    void aPersonsTerminalIsNotSteeredByAnAnswerAndAPipeGetsItUnchanged() {
        answers.turn(delta("\\u001b[31mred"), done());

        assertThat(console.run("chat", "--session", "sess_1", "hi")).isZero();
        assertThat(console.out()).isEqualTo("[31mred\n");

        Console piped = new Console().pipe("").with("LLMGINE_HTTP_PORT", host.port());
        assertThat(piped.run("chat", "--session", "sess_1", "hi")).isZero();
        assertThat(piped.out()).isEqualTo("\033[31mred\n");
    }

    @Test
    void nobodyReadingOnCancelsTheTurn() {
        answers.turn(FakeSessions.words(5).toArray(String[]::new));
        List<String> cancelled = new CopyOnWriteArrayList<>();
        answers.on("DELETE /api/sessions/sess_1/turns/turn_1", exchange -> {
            cancelled.add("turn_1");
            ScriptedHost.answer(200, "application/json", "{}").play(exchange);
        });
        PrintStream closed = new PrintStream(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        });
        Io io = new Io(console.environment, InputStream.nullInputStream(), closed, System.err, () -> false);

        assertThat(Main.run(io, "chat", "--session", "sess_1", "hi")).isZero();

        assertThat(cancelled).containsExactly("turn_1");
    }
}
