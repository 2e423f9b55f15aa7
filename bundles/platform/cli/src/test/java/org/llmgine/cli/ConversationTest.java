package org.llmgine.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.llmgine.cli.FakeSessions.begin;
import static org.llmgine.cli.FakeSessions.delta;
import static org.llmgine.cli.FakeSessions.done;
import static org.llmgine.cli.FakeSessions.error;
import static org.llmgine.cli.FakeSessions.event;
import static org.llmgine.cli.FakeSessions.events;
import static org.llmgine.cli.ScriptedHost.answer;
import static org.llmgine.cli.ScriptedHost.send;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jline.terminal.Terminal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.llmgine.cli.ScriptedHost.Request;
import picocli.CommandLine;

/** Conversations as a person has them: what is typed, what the screen shows, and what the host is asked. */
@Timeout(30)
class ConversationTest {
    private static final int COLUMNS = 60;
    private static final String TURNS = "POST /api/sessions/sess_1/turns";
    private static final String STREAM = "GET /api/sessions/sess_1/turns/turn_1/stream";
    private static final String CANCEL = "DELETE /api/sessions/sess_1/turns/turn_1";
    private static final String ASKED = "{\"id\":\"msg_1\",\"role\":\"user\",\"content\":\"What is 17*23?\"},"
            + "{\"id\":\"msg_2\",\"role\":\"assistant\",\"content\":\"391\"}";

    @TempDir
    Path state;

    private final FakeSessions sessions = new FakeSessions();
    private final Console console = new Console().with("LLMGINE_KEY", "k-123");
    private ScriptedHost host;
    private FakeTerminal fake;
    private CompletableFuture<Integer> exit = new CompletableFuture<>();

    @BeforeEach
    void start() throws IOException {
        fake = new FakeTerminal("xterm", COLUMNS);
        host = new ScriptedHost(sessions);
        console.with("LLMGINE_HTTP_PORT", host.port()).with("XDG_STATE_HOME", state.toString());
    }

    @AfterEach
    void stop() throws Exception {
        fake.close();
        host.close();
    }

    @Test
    void anAnswerStreamsOntoTheScreen() throws Exception {
        sessions.turn(
                event("status", "{\"phase\":\"model\",\"model\":\"offline/demo\"}"),
                event("reasoning", "{\"text\":\"Let me see.\"}"),
                delta("It is "),
                event("usage", "{\"totalTokens\":46}"),
                event("future", "{}"),
                delta("391, \\u001b[31mreally."),
                done());
        talk();

        type("What is 17*23?\r");

        fake.await("Thinking:");
        fake.await("Let me see.");
        // Apart, as a slow machine may show a line between them that says what it waits for.
        fake.await("It is ");
        fake.await("391, [31mreally.");
        fake.await("offline/demo, 46 tokens, ");
        leave();
        assertThat(fake.all()).contains("\033[2mLet me see.\033[0m");
        assertThat(bodies("POST", "/api/sessions")).containsExactly(Map.of("title", "What is 17*23?"));
        assertThat(bodies("POST", "/api/sessions/sess_1/turns")).containsExactly(Map.of("prompt", "What is 17*23?"));
        assertThat(fake.all()).contains("llmgine chat --session sess_1 goes on with this");
    }

    @Test
    void toolsHaveALineThatChanges() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        sessions.on(TURNS, exchange -> {
            begin(exchange, "turn_1");
            send(
                    exchange,
                    event("tool_call", "{\"id\":\"c1\",\"name\":\"calculator\",\"arguments\":\"{\\\"x\\\":1}\"}")
                            + event("tool_call", "{\"id\":\"c2\",\"name\":\"clock\",\"arguments\":\"{}\"}"));
            assertThat(seen.await(10, TimeUnit.SECONDS)).isTrue();
            send(
                    exchange,
                    event("tool_result", "{\"id\":\"c1\",\"text\":\"391\",\"isError\":false,\"elapsedMs\":12}")
                            + event(
                                    "tool_result",
                                    "{\"id\":\"c2\",\"text\":\"There is no time zone of the name that was given, so the"
                                            + " clock can't tell\",\"isError\":true,\"elapsedMs\":1500}")
                            + event("tool_result", "{\"id\":\"c9\",\"name\":\"stray\",\"text\":\"x\"}")
                            + delta("Done.")
                            + done());
        });
        talk();

        type("hi\r");
        fake.await("calculator {\"x\":1}  ");
        fake.await("clock  ");
        seen.countDown();

        fake.await("✓ calculator {\"x\":1} → 391  12 ms");
        fake.await("✗ clock  1.5 s\n  → There is no time zone");
        fake.await("stray → x");
        fake.await("Done.");
        leave();
    }

    private static final String ASKS =
            "{\"id\":\"appr_1\",\"tool\":\"send\",\"arguments\":\"{\\\"to\\\":\\\"bob\\\"}\"}";

    /** Let a turn ask for an approval, and end when a request came. */
    private void askUntil(String request, ScriptedHost.Script answer) {
        CountDownLatch decided = new CountDownLatch(1);
        sessions.on(TURNS, exchange -> {
            begin(exchange, "turn_1");
            send(exchange, event("approval_required", ASKS));
            assertThat(decided.await(10, TimeUnit.SECONDS)).isTrue();
            send(exchange, event("approval_decided", ASKS) + delta("Done.") + done());
        });
        sessions.on(request, exchange -> {
            answer.play(exchange);
            decided.countDown();
        });
    }

    @Test
    void aCallIsApproved() throws Exception {
        askUntil("POST /api/approvals/appr_1/approve", answer(200, "application/json", "{}"));
        talk();
        type("hi\r");
        fake.await("The tool send needs your approval.");
        fake.await("{\"to\":\"bob\"}");
        fake.await("Make this call?");
        type("what\r");
        fake.await("y approves it, n denies it.");

        type("y\r");

        fake.await("Done.");
        leave();
        assertThat(bodies("POST", "/api/approvals/appr_1/approve")).containsExactly(Map.of());
    }

    @Test
    void aCallIsDeniedWithAReasonThatTheHistoryForgets() throws Exception {
        askUntil("POST /api/approvals/appr_1/deny", answer(200, "application/json", "{}"));
        talk();
        type("hi\r");
        fake.await("Make this call?");

        type("no not to Bob\r");

        fake.await("Done.");
        leave();
        assertThat(bodies("POST", "/api/approvals/appr_1/deny")).containsExactly(Map.of("reason", "not to Bob"));
        assertThat(state.resolve("llmgine/history")).content().contains("hi").doesNotContain("Bob");
    }

    @Test
    void whoMayNotDecideIsToldAndReadsOn() throws Exception {
        askUntil(
                "POST /api/approvals/appr_1/approve",
                answer(403, "application/problem+json", "{\"detail\":\"Approvals are left to operators.\"}"));
        talk();
        type("hi\r");
        fake.await("Make this call?");

        type("yes\r");

        fake.await("Approvals are left to operators.");
        fake.await("Done.");
        leave();
    }

    @Test
    void ctrlDLeavesACallWaitingAndCtrlCStopsTheAnswer() throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        sessions.on(TURNS, exchange -> {
            begin(exchange, "turn_1");
            send(exchange, event("approval_required", ASKS));
            assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
            send(exchange, error("cancelled", "Cancelled."));
        });
        sessions.on(CANCEL, exchange -> {
            cancelled.countDown();
            answer(200, "application/json", "{}").play(exchange);
        });
        talk();
        type("hi\r");
        fake.await("Make this call?");
        type("\u0004");
        fake.await("It waits: llmgine approvals approve appr_1 lets it go on.");

        type("again\r");
        fake.await("Make this call?");
        type("\u0003");

        fake.await("Stopped.");
        leave();
    }

    @Test
    void ctrlCStopsTheAnswerAndNotTheProgram() throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        sessions.on(TURNS, exchange -> {
            begin(exchange, "turn_1");
            send(exchange, delta("one"));
            assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
            send(exchange, error("cancelled", "Cancelled."));
        });
        sessions.on(CANCEL, exchange -> {
            cancelled.countDown();
            answer(200, "application/json", "{}").play(exchange);
        });
        talk();
        type("hi\r");
        fake.await("one");

        fake.terminal.raise(Terminal.Signal.INT);

        fake.await("Stopped.");
        leave();
    }

    @Test
    void ctrlCTwiceDoesNotWaitForTheHost() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        sessions.on(TURNS, exchange -> {
            begin(exchange, "turn_1");
            send(exchange, delta("one"));
            over.await(20, TimeUnit.SECONDS);
        });
        talk();
        type("hi\r");
        fake.await("one");

        fake.terminal.raise(Terminal.Signal.INT);
        fake.await("Stopping");
        fake.terminal.raise(Terminal.Signal.INT);

        fake.await("Left; the host may go on");
        over.countDown();
        leave();
    }

    @Test
    void aLostConnectionIsResumedOnTheScreen() throws Exception {
        sessions.turn(delta("one "));
        sessions.on(STREAM, events("turn_1", 2, delta("two"), done()));
        talk();

        type("hi\r");

        fake.await("one ");
        fake.await("Connection lost; trying to go on (1 of 8)");
        fake.await("two");
        leave();
        assertThat(host.requests)
                .filteredOn(request -> request.path().endsWith("/stream"))
                .hasSize(1);
    }

    @Test
    void errorsAreTold() throws Exception {
        sessions.turn(
                delta("Half"),
                event("error", "{\"code\":\"provider_error\",\"message\":\"It broke.\",\"hint\":\"Ask again.\"}"));
        talk();
        type("hi\r");
        fake.await("Half\n");
        fake.await("It broke.");
        fake.await("Ask again.");

        sessions.on(TURNS, answer(409, "application/problem+json", "{\"detail\":\"A turn runs.\"}"));
        type("again\r");
        fake.await("A turn runs.");

        sessions.on("POST /api/sessions", answer(500, "application/problem+json", "{\"detail\":\"Not now.\"}"));
        type("/new\r");
        type("hi\r");
        fake.await("Not now.");
        leave();
    }

    @Test
    void cutAnswersAreTold() throws Exception {
        sessions.turn(event("done", "{\"turn\":{\"finishReason\":\"length\"}}"));
        talk();
        type("hi\r");
        fake.await("cut at the token limit");

        sessions.turn(event("done", "{\"turn\":{\"finishReason\":\"content_filter\"}}"));
        type("hi\r");
        fake.await("content filter");
        leave();
    }

    @Test
    void linesGoOnAfterABackslashAndInAFence() throws Exception {
        sessions.turn(delta("ok"), done());
        talk();

        type("one\\\rtwo\r");
        fake.await("ok");
        type("```\rx = 1\r```\r");
        fake.await("ok");

        leave();
        assertThat(bodies("POST", "/api/sessions/sess_1/turns"))
                .extracting(body -> Json.text(body, "prompt"))
                .containsExactly("one\ntwo", "```\nx = 1\n```");
    }

    @Test
    void pastedLinesAreKeptTogether() throws Exception {
        sessions.turn(delta("ok"), done());
        talk();

        type("\033[200~one\ntwo!!\n\tthree\033[201~\r");
        fake.await("ok");

        leave();
        assertThat(Json.text(bodies("POST", "/api/sessions/sess_1/turns").getFirst(), "prompt"))
                .startsWith("one\ntwo!!\n")
                .endsWith("three");
    }

    @Test
    void formerQuestionsComeBackAndAreKeptForTheirUserOnly() throws Exception {
        sessions.turn(delta("ok"), done());
        talk();
        type("first question\r");
        fake.await("ok");
        type(" a secret\r");
        fake.await("ok");
        type("\020\r");
        fake.await("ok");
        leave();

        assertThat(bodies("POST", "/api/sessions/sess_1/turns"))
                .extracting(body -> Json.text(body, "prompt"))
                .containsExactly("first question", "a secret", "first question");
        Path history = state.resolve("llmgine/history");
        assertThat(Files.readString(history)).contains("first question").doesNotContain("a secret");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(history)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(history.getParent())))
                .isEqualTo("rwx------");
    }

    @Test
    void modelAndEngineAreChosenBeforeAndWithinASession() throws Exception {
        sessions.turn(delta("ok"), done());
        talk();
        type("/model\r");
        fake.await("  default\n  offline/demo\n");
        fake.await("The host chooses.");
        type("/model offline/demo\r");
        fake.await("from model offline/demo.");
        type("/model\r");
        fake.await("* offline/demo");
        type("/system Be brief.\r");
        fake.await("is set");
        type("/tools clock\r");
        fake.await("Only these tools may be used: clock");
        type("/tools\r");
        fake.await("   calculator  Calculates.");
        fake.await("*  clock");
        type("hi\r");
        fake.await("ok");

        type("/engine\r");
        fake.await("* tool-chat");
        type("/engine single-pass\r");
        fake.await("from engine single-pass.");
        type("/tools none\r");
        fake.await("No tools");
        type("/tools all\r");
        fake.await("All tools");
        type("/system\r");
        fake.await("There is no system prompt.");
        type("/system -\r");
        fake.await("taken away");
        leave();

        assertThat(bodies("POST", "/api/sessions").getFirst())
                .isEqualTo(Map.of(
                        "model",
                        "offline/demo",
                        "systemPrompt",
                        "Be brief.",
                        "tools",
                        List.of("clock"),
                        "title",
                        "hi"));
        assertThat(host.requests)
                .filteredOn(request -> request.method().equals("PATCH"))
                .extracting(Request::body)
                .containsExactly(
                        "{\"engine\":\"single-pass\"}",
                        "{\"tools\":[]}",
                        "{\"tools\":null}",
                        "{\"systemPrompt\":\"\"}");
    }

    @Test
    void theLastQuestionIsEditedOrAskedAgain() throws Exception {
        sessions.turn(delta("ok"), done());
        talk();
        type("/retry\r");
        fake.await("Nothing was asked in this session yet.");
        type("/edit\r");
        fake.await("Nothing was asked in this session yet.");
        type("/usage\r");
        fake.await("Nothing was asked in this session yet.");
        type("What is 17*23?\r");
        fake.await("ok");
        sessions.json(
                "GET /api/sessions/sess_1",
                FakeSessions.SESSION.replace("\"turn\":null", "\"turn\":null,\"messages\":[" + ASKED + "]"));

        type("/retry\r");
        fake.await("ok");
        type("/edit\r");
        fake.await("17*23?");
        fake.type("\177\1774?\r");
        fake.await("ok");
        type("/edit\r");
        fake.await("17*23?");
        fake.type("\025\004");
        fake.await("Nothing is changed.");
        leave();

        assertThat(bodies("POST", "/api/sessions/sess_1/turns"))
                .containsExactly(
                        Map.of("prompt", "What is 17*23?"),
                        Map.of("replaces", "msg_1"),
                        Map.of("prompt", "What is 17*24?", "replaces", "msg_1"));
    }

    @Test
    void aSessionIsResumedWithWhatWasSaidLastAndTheAnswerInProgress() throws Exception {
        sessions.json(
                "GET /api/sessions/sess_1",
                FakeSessions.SESSION.replace("\"turn\":null", "\"turn\":\"turn_1\",\"messages\":[" + ASKED + "]"));
        sessions.on(STREAM, events("turn_1", 1, delta("still "), delta("going"), done()));
        talk("--session", "sess_1", "-m", "offline/demo");

        fake.await("Session Numbers with default, 2 messages");
        fake.await("> What is 17*23?");
        fake.await("391");
        fake.await("still ");
        fake.await("going");
        leave();
        assertThat(host.requests)
                .filteredOn(request -> request.method().equals("PATCH"))
                .extracting(Request::body)
                .containsExactly("{\"model\":\"offline/demo\"}");
    }

    @Test
    void sessionsAreListedAndChanged() throws Exception {
        sessions.json(
                "GET /api/sessions/sess_1/turns",
                "{\"items\":[{\"usage\":{\"inputTokens\":10,\"totalTokens\":46}},{\"usage\":{\"inputTokens\":5,\"totalTokens\":6}}]}");
        talk("--continue");
        fake.await("Session Numbers");
        type("/sessions\r");
        fake.await("sess_1 *");
        type("/usage\r");
        fake.await("input tokens  15");
        fake.await("total tokens  52");
        type("/resume\r");
        fake.await("Which one?");
        type("/resume sess_9\r");
        fake.await("There is no GET /api/sessions/sess_9.");
        fake.await("/sessions lists yours.");
        type("/new\r");
        fake.await("begins a new session");
        sessions.json("GET /api/sessions", "{\"items\":[]}").json("GET /api/tools", "{\"items\":[]}");
        type("/sessions\r");
        fake.await("There are no sessions yet.");
        type("/tools\r");
        fake.await("The host has no tools.");
        leave();
    }

    /** A host that was restarted has forgotten the session; the conversation goes on without it. */
    @Test
    void aSessionThatIsGoneIsLeft() throws Exception {
        String gone = "{\"detail\":\"There is no session 'sess_1'.\",\"code\":\"not_found\"}";
        sessions.on(TURNS, answer(404, "application/problem+json", gone));
        talk();
        type("hi\r");
        fake.await("There is no session 'sess_1'.");
        fake.await("begins a new one.");

        sessions.turn(delta("ok"), done());
        type("hi again\r");
        fake.await("ok");
        sessions.on("PATCH /api/sessions/sess_1", answer(404, "application/problem+json", gone));
        type("/system Be brief.\r");
        fake.await("begins a new one.");
        type("\004");
        assertThat(exit.get(10, TimeUnit.SECONDS)).isZero();
        assertThat(bodies("POST", "/api/sessions")).hasSize(2);
        assertThat(fake.all()).doesNotContain("goes on with this");
    }

    @Test
    void helpAndUnknownCommands() throws Exception {
        sessions.turn(delta("ok"), done());
        talk();
        type("/help\r");
        fake.await("/tools [all|none|NAME…]");
        fake.await("/quit");
        type("/nonsense\r");
        fake.await("There is no command /nonsense");
        type("//etc is what?\r");
        fake.await("ok");
        type("\r");
        type("/quit\r");
        assertThat(exit.get(10, TimeUnit.SECONDS)).isZero();
        assertThat(Json.text(bodies("POST", "/api/sessions/sess_1/turns").getFirst(), "prompt"))
                .isEqualTo("/etc is what?");
    }

    @Test
    void namesAreCompleted() throws Exception {
        talk();
        type("/eng\tsin\t\r");
        fake.await("from engine single-pass.");
        type("/model off\t\r");
        fake.await("from model offline/demo.");
        type("/tools cl\t\r");
        fake.await("used: clock");
        type("/resume s\t\r");
        fake.await("Session Numbers");
        sessions.on("GET /api/engines", answer(500, "application/problem+json", "{\"detail\":\"Not now.\"}"));
        type("/engine x\t\r");
        fake.await("from engine x.");
        leave();
    }

    @Test
    void ctrlCAtThePromptSaysHowToLeave() throws Exception {
        talk();
        type("half a question");
        fake.await("question");
        fake.terminal.raise(Terminal.Signal.INT);
        fake.await("> ");
        assertThat(fake.all()).doesNotContain("/quit");

        fake.terminal.raise(Terminal.Signal.INT);

        fake.await("Press Ctrl-D or type /quit to leave.");
        leave();
    }

    @Test
    void withoutColoursNothingIsStyled() throws Exception {
        console.with("NO_COLOR", "1");
        sessions.turn(event("reasoning", "{\"text\":\"Hm.\"}"), delta("ok"), done());
        talk();
        type("hi\r");
        fake.await("Thinking:\nHm.");
        fake.await("ok");
        leave();

        assertThat(fake.all())
                .doesNotContain("\033[2m")
                .doesNotContain("\033[1m")
                .doesNotContain("\033[3");
    }

    @Test
    void aNarrowTerminalIsEnough() throws Exception {
        fake.close();
        fake = new FakeTerminal("xterm", 14);
        talk();
        type("/sessions\r");
        fake.await("sess_1\n  Numbers, ");
        leave();
    }

    @Test
    void theGreetingBreaksBeforeTheAddress() throws Exception {
        fake.close();
        fake = new FakeTerminal("xterm", 40);
        talk();
        fake.await("\nhttp://127.0.0.1:" + host.port() + "\n");
        leave();
    }

    @Test
    void aDumbTerminalWorksToo() throws Exception {
        sessions.turn(
                event("tool_call", "{\"id\":\"c1\",\"name\":\"clock\",\"arguments\":\"\"}"),
                event("tool_result", "{\"id\":\"c1\",\"text\":\"12:00\",\"elapsedMs\":1}"),
                delta("It is "));
        sessions.on(STREAM, events("turn_1", 4, delta("noon."), done()));
        fake.close();
        fake = new FakeTerminal("dumb", COLUMNS);
        talk();
        type("hi\r");
        fake.await("* clock -> 12:00  1 ms");
        fake.await("Connection lost");
        fake.await("noon.");
        leave();

        assertThat(fake.all()).doesNotContain("\033[");
    }

    @Test
    void aHostThatCannotBeAskedIsToldAtOnce() throws Exception {
        sessions.on(
                "GET /api/sessions",
                answer(401, "application/problem+json", "{\"detail\":\"This key is not valid.\"}"));
        talk();

        assertThat(exit.get(10, TimeUnit.SECONDS)).isEqualTo(77);
        assertThat(told).contains("This key is not valid.");
    }

    @Test
    void noHomeMeansNoHistory() {
        assertThat(Input.history(new Console().terminal())).isNull();
        assertThat(Input.history(new Console().with("HOME", state.toString()).terminal()))
                .isEqualTo(state.resolve(".local/state/llmgine/history"))
                .exists();
        assertThat(Input.history(
                        new Console().with("XDG_STATE_HOME", "/dev/null").terminal()))
                .isNull();
    }

    private final StringBuilder told = new StringBuilder();

    private void talk(String... args) {
        ChatCommand command = new ChatCommand(console.terminal());
        command.screen = () -> fake.terminal;
        command.pauseMs = 1;
        Thread.ofPlatform()
                .daemon()
                .start(() -> exit.complete(new CommandLine(command)
                        .setExecutionExceptionHandler((failure, _, _) -> {
                            told.append(failure.getMessage());
                            return failure instanceof HostException known ? known.exitCode() : 99;
                        })
                        .execute(args)));
    }

    /** Type when the prompt is there. */
    private void type(String keys) throws IOException, InterruptedException {
        fake.await("> ");
        fake.type(keys);
    }

    private void leave() throws Exception {
        type("\004");
        assertThat(exit.get(10, TimeUnit.SECONDS)).isZero();
        assertThat(told).isEmpty();
    }

    private List<Object> bodies(String method, String path) {
        return host.requests.stream()
                .filter(request ->
                        request.method().equals(method) && request.path().equals(path))
                .map(request -> (Object) Objects.requireNonNull(Json.read(request.body())))
                .toList();
    }
}
