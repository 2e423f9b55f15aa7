package org.llmgine.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.llmgine.cli.ScriptedHost.answer;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.llmgine.cli.ScriptedHost.Request;

/** The commands that show what the host has, and change it. */
@Timeout(20)
class ListsTest {
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
    void modelsAreListed() {
        answers.json(
                "GET /v1/models",
                "{\"data\":[{\"id\":\"default\",\"target\":\"offline/demo\",\"capabilities\":[]},"
                        + "{\"id\":\"offline/demo\",\"context_tokens\":8192,\"capabilities\":[\"images\",\"tools\"]}]}");

        assertThat(console.run("models")).isZero();

        assertThat(console.out().lines())
                .containsExactly(
                        "MODEL         STANDS FOR    CONTEXT  CAN",
                        "default       offline/demo",
                        "offline/demo                8192     images, tools");
        assertThat(console.err()).isEmpty();
    }

    @Test
    void jsonIsTheHostsOwn() {
        for (String command : List.of("engines", "tools")) {
            Console fresh = new Console().with("LLMGINE_HTTP_PORT", host.port());

            assertThat(fresh.run(command, "--json")).isZero();

            assertThat(fresh.out()).startsWith("{\"items\":[").endsWith("}\n");
        }
        answers.json("GET /v1/models", "{\"data\":[]}");
        assertThat(console.run("models", "--json")).isZero();
        assertThat(console.out()).isEqualTo("{\"data\":[]}\n");
    }

    @Test
    void instancesAreListedWithTheirProblems() {
        answers.json(
                "GET /api/providers",
                "{\"items\":[{\"name\":\"offline\",\"plugin\":\"offline\",\"version\":\"1.0.0\",\"state\":\"active\",\"inFlight\":2},"
                        + "{\"name\":\"openai\",\"plugin\":\"openai\",\"version\":\"1.0.0\",\"state\":\"failed\",\"inFlight\":0,"
                        + "\"problem\":\"baseUrl is no\\naddress.\"}]}");

        assertThat(console.run("providers")).isZero();

        assertThat(console.out().lines())
                .containsExactly(
                        "NAME     STATE   VERSION  RUNNING  PLUGIN",
                        "offline  active  1.0.0    2        offline",
                        "openai   failed  1.0.0    0        openai",
                        "openai: baseUrl is no address.");

        answers.json(
                "GET /api/providers",
                "{\"items\":[{\"name\":\"offline\",\"plugin\":\"offline\",\"version\":\"1.0.0\",\"state\":\"active\",\"inFlight\":2,"
                        + "\"figures\":{\"calls\":12,\"errors\":1,\"p50Ms\":3.25}}]}");
        Console wide = new Console().with("LLMGINE_HTTP_PORT", host.port()).with("COLUMNS", "100");
        assertThat(wide.run("providers")).isZero();
        assertThat(wide.out().lines())
                .containsExactly(
                        "NAME     STATE   VERSION  RUNNING  CALLS  ERRORS  P50 MS  PLUGIN",
                        "offline  active  1.0.0    2        12     1       3.3     offline");
    }

    @Test
    void toolsSayWhatTheyDoWithinTheTerminalsWidth() {
        assertThat(console.with("COLUMNS", "42").run("tools")).isZero();

        assertThat(console.out()).contains("DOES").contains("calculator").contains("Calc");
        assertThat(console.out().lines())
                .allSatisfy(line -> assertThat(Text.width(line)).isLessThanOrEqualTo(42));
    }

    @Test
    void nothingToListIsSaid() {
        answers.json("GET /api/engines", "{\"items\":[]}");

        assertThat(console.run("engines")).isZero();

        assertThat(console.out()).isEmpty();
        assertThat(console.err()).isEqualTo("There are no engines.\n");
    }

    private static final String APPROVAL =
            "{\"id\":\"appr_1\",\"session\":\"sess_1\",\"turn\":\"turn_1\",\"state\":\"pending\",\"tool\":\"send\","
                    + "\"arguments\":\"{}\",\"askedBy\":\"ann\",\"created\":\"2026-01-01T10:00:00Z\","
                    + "\"expires\":\"2026-01-02T10:00:00Z\"}";
    private static final String DENIED = APPROVAL.replace(
            "\"pending\"",
            "\"denied\",\"decided\":\"2026-01-01T10:00:01Z\",\"decidedBy\":\"olga\",\"reason\":\"Not so.\"");

    @Test
    void approvalsAreListed() {
        answers.json("GET /api/approvals", "{\"items\":[" + APPROVAL + "]}");

        assertThat(console.with("COLUMNS", "120").run("approvals", "--session", "sess_1"))
                .isZero();

        assertThat(console.out().lines().toList())
                .hasSize(2)
                .satisfies(lines -> assertThat(lines.getLast()).startsWith("appr_1    pending  ann       send {}  "));
        assertThat(host.requests.getLast().path()).isEqualTo("/api/approvals?limit=50&state=pending&session=sess_1");

        answers.json("GET /api/approvals", "{\"items\":[]}");
        Console none = new Console().with("LLMGINE_HTTP_PORT", host.port());
        assertThat(none.run("approvals", "list", "--state", "all", "-n", "3")).isZero();
        assertThat(none.err()).isEqualTo("There are no approvals.\n");
        assertThat(host.requests.getLast().path()).isEqualTo("/api/approvals?limit=3");
    }

    @Test
    void anApprovalIsShown() {
        answers.json("GET /api/approvals/appr_1", DENIED);

        assertThat(console.run("approvals", "show", "appr_1")).isZero();

        assertThat(console.out())
                .contains(
                        "appr_1 denied\n",
                        "call send {}\n",
                        "asked by ann, ",
                        "in session sess_1, turn turn_1\n",
                        "denied by olga, ",
                        "reason: Not so.\n");
        answers.json("GET /api/approvals/appr_1", APPROVAL);
        Console pending = new Console().with("LLMGINE_HTTP_PORT", host.port());
        assertThat(pending.run("approvals", "show", "appr_1")).isZero();
        assertThat(pending.out()).contains("expires 2026-01-02T10:00:00Z\n").doesNotContain("reason");
    }

    @Test
    void approvalsAreDecided() {
        answers.json("POST /api/approvals/appr_1/deny", DENIED);
        answers.json("POST /api/approvals/appr_1/approve", APPROVAL.replace("pending", "approved"));

        assertThat(console.run("approvals", "deny", "appr_1", "--reason", "Not so."))
                .isZero();
        assertThat(console.out()).isEqualTo("Denied the call of send (appr_1).\n");
        assertThat(host.requests.getLast().body()).isEqualTo("{\"reason\":\"Not so.\"}");

        Console json = new Console().with("LLMGINE_HTTP_PORT", host.port());
        assertThat(json.run("approvals", "approve", "appr_1", "--json")).isZero();
        assertThat(json.out()).startsWith("{\"id\":\"appr_1\"").contains("approved");
        assertThat(host.requests.getLast().body()).isEqualTo("{}");
    }

    @Test
    void aLateDecisionIsTheHostsError() {
        answers.on(
                "POST /api/approvals/appr_1/approve",
                ScriptedHost.answer(
                        409,
                        "application/problem+json",
                        "{\"code\":\"already_decided\",\"detail\":\"'olga' has denied the call already.\"}"));

        assertThat(console.run("approvals", "approve", "appr_1")).isEqualTo(1);

        assertThat(console.err()).isEqualTo("llmgine: 'olga' has denied the call already.\n");
    }

    @Test
    void sessionsAreListed() {
        answers.json(
                "GET /api/sessions",
                "{\"items\":[" + FakeSessions.SESSION + ","
                        + FakeSessions.SESSION.replace("\"turn\":null", "\"turn\":\"turn_1\"") + "]}");

        assertThat(console.with("COLUMNS", "120").run("sessions", "--limit", "5", "--owner", "a b"))
                .isZero();

        assertThat(console.out().lines())
                .containsExactly(
                        "SESSION  TITLE    ENGINE     MODEL    CHANGED",
                        "sess_1   Numbers  tool-chat  default  " + Text.ago("2026-01-01T10:00:00Z", Instant.now()),
                        "sess_1   Numbers  tool-chat  default  answering");
        assertThat(host.requests.getFirst().path()).isEqualTo("/api/sessions?limit=5&owner=a%20b");

        Console narrow = new Console().with("LLMGINE_HTTP_PORT", host.port()).with("COLUMNS", "80");
        assertThat(narrow.run("sessions", "list")).isZero();
        assertThat(narrow.out()).startsWith("SESSION  TITLE    CHANGED\n");
    }

    @Test
    void aSessionIsShown() {
        answers.json(
                "GET /api/sessions/sess_1",
                FakeSessions.SESSION
                        .replace("\"systemPrompt\":\"\"", "\"systemPrompt\":\"Be brief.\"")
                        .replace(
                                "\"turn\":null",
                                "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"What\\nis it?\"},"
                                        + "{\"type\":\"image_url\"}]},"
                                        + "{\"role\":\"assistant\",\"content\":\"\",\"toolCalls\":[{\"id\":\"c1\",\"name\":\"clock\",\"arguments\":\"{}\"},"
                                        + "{\"id\":\"c2\",\"name\":\"calendar\",\"arguments\":\"{}\"}]},"
                                        + "{\"role\":\"tool\",\"toolCallId\":\"c2\",\"content\":\"Friday\"},"
                                        + "{\"role\":\"tool\",\"toolCallId\":\"c1\",\"content\":\"12:00\"},"
                                        + "{\"role\":\"assistant\",\"content\":\"\\u001b[31mNoon.\"},"
                                        + "{\"role\":\"narrator\",\"content\":\"Silence.\"}]"));

        assertThat(console.run("sessions", "show", "sess_1")).isZero();

        assertThat(console.out().lines())
                .contains("sess_1 Numbers", "system: Be brief.")
                .containsSubsequence(
                        "> What",
                        "  is it?",
                        "  [image_url]",
                        "",
                        "[clock {}] → 12:00",
                        "[calendar {}] → Friday",
                        "",
                        "[31mNoon.",
                        "",
                        "narrator: Silence.");
        assertThat(console.out()).contains("engine tool-chat, model default, 6 messages, changed ");
    }

    @Test
    void sessionsAreRenamedAndDeleted() {
        answers.on("DELETE /api/sessions/sess_1", exchange -> exchange.sendResponseHeaders(204, -1));

        assertThat(console.run("sessions", "rename", "sess_1", "Über", "\u201ezwei\u201c"))
                .isZero();
        assertThat(console.run("sessions", "delete", "sess_1", "sess_1")).isZero();
        assertThat(console.run("sessions", "delete", "--json", "sess_1")).isZero();

        assertThat(console.out().lines())
                .containsExactly(
                        "Renamed sess_1 to Über \u201ezwei\u201c",
                        "Deleted sess_1",
                        "Deleted sess_1",
                        "{\"deleted\":\"sess_1\"}");
        Request patch = host.requests.getFirst();
        assertThat(patch.method()).isEqualTo("PATCH");
        assertThat(patch.key()).isEqualTo("Bearer k-123");
        assertThat(patch.body()).isEqualTo("{\"title\":\"Über \u201ezwei\u201c\"}");
    }

    @Test
    void whatCannotBeChangedIsTold() {
        assertThat(console.run("sessions", "rename", "a/b c", "x")).isEqualTo(1);
        assertThat(console.err()).isEqualTo("llmgine: There is no PATCH /api/sessions/a/b c. Look again.\n");
        assertThat(console.run("sessions", "show")).isEqualTo(2);

        answers.on("PATCH /api/sessions/sess_1", answer(200, "text/html", "<html>"));
        assertThat(console.run("sessions", "rename", "sess_1", "x")).isEqualTo(69);
    }

    @Test
    void keysAreListed() {
        answers.json(
                "GET /api/keys",
                "{\"items\":[{\"id\":\"key_1\",\"account\":\"admin\",\"label\":\"cli\",\"created\":\""
                        + Instant.now().minus(3, ChronoUnit.HOURS)
                        + "\"},{\"id\":\"key_2\",\"account\":\"ann\",\"label\":\"\",\"created\":\"x\",\"expires\":\"2020-01-01T00:00:00Z\"}]}");

        assertThat(console.run("keys")).isZero();

        assertThat(console.out().lines())
                .containsExactly(
                        "KEY    ACCOUNT  LABEL  CREATED  EXPIRES",
                        "key_1  admin    cli    3 h ago  never",
                        "key_2  ann             x        expired");
    }

    @Test
    void aKeysSecretIsPrintedOnceAndAlone() {
        answers.json("POST /api/keys", "{\"key\":\"llmg_secret\",\"id\":\"key_3\",\"account\":\"ann\"}");

        assertThat(console.run("keys", "create", "--account", "ann", "-l", "laptop", "-d", "2"))
                .isZero();

        assertThat(console.out()).isEqualTo("llmg_secret\n");
        assertThat(console.err()).contains("Made key key_3 of ann").doesNotContain("llmg_secret");
        assertThat(host.requests.getFirst().body())
                .isEqualTo("{\"account\":\"ann\",\"label\":\"laptop\",\"lifetimeSeconds\":172800}");
        assertThat(console.run("keys", "create")).isZero();
        assertThat(host.requests.getLast().body()).isEqualTo("{}");
    }

    @Test
    void aKeysLifetimeMustMakeSense() {
        for (String days : List.of("0", "-1", "1000000")) {
            assertThat(console.run("keys", "create", "--days=" + days)).isEqualTo(2);
        }

        assertThat(console.err()).contains("A key lives 1 to 24855 days. Leave --days out");
        assertThat(host.requests).isEmpty();
    }

    @Test
    void aKeyIsRevoked() {
        answers.json("DELETE /api/keys/key_3", "{\"id\":\"key_3\",\"account\":\"ann\"}");

        assertThat(console.run("keys", "revoke", "key_3")).isZero();
        assertThat(console.run("keys", "revoke", "key_9")).isEqualTo(1);

        assertThat(console.out()).isEqualTo("Revoked key_3 of ann.\n");
        assertThat(console.err()).contains("There is no DELETE /api/keys/key_9. Look again.");
    }

    @Test
    void logsAreShown() {
        answers.json(
                "GET /api/logs",
                "{\"items\":[{\"time\":\"2026-01-01T10:00:00.123Z\",\"level\":\"WARN\",\"logger\":\"org.llmgine.core.Host\",\"message\":\"One.\"},"
                        + "{\"time\":\"x\",\"level\":\"INFO\",\"logger\":\"y\",\"message\":\"Two.\\u001b[2J\",\"exception\":\"java.io.IOException: z\"}]}");

        assertThat(console.run("logs", "-n", "2", "--level", "INFO", "--logger", "org.llmgine"))
                .isZero();

        assertThat(console.out().lines()).hasSize(3).satisfies(lines -> {
            assertThat(lines.get(0)).endsWith("00.123 WARN  Host                   One.");
            assertThat(lines.get(1)).isEqualTo("x INFO  y                      Two.[2J");
            assertThat(lines.get(2)).isEqualTo("    java.io.IOException: z");
        });
        assertThat(host.requests.getFirst().path()).isEqualTo("/api/logs?limit=2&level=INFO&logger=org.llmgine");
    }

    @Test
    void anEmptyLogIsSaid() {
        answers.json("GET /api/logs", "{\"items\":[]}");

        assertThat(console.run("logs")).isZero();
        assertThat(console.run("logs", "--level", "ERROR")).isZero();
        assertThat(console.err()).isEqualTo("Nothing is logged yet.\nNothing of that kind is logged yet.\n");
        assertThat(console.out()).isEmpty();
        assertThat(console.run("logs", "--json")).isZero();
        assertThat(console.out()).isEqualTo("{\"items\":[]}\n");
    }

    @Test
    void logsAreFollowedToTheConnectionsEnd() {
        answers.on(
                "GET /api/logs",
                ScriptedHost.stream("event: log\ndata: {\"level\":\"INFO\",\"message\":\"One.\"}\n\n: ping\n\n"));

        assertThat(console.run("logs", "--follow")).isEqualTo(1);
        assertThat(console.run("logs", "--follow", "--json")).isEqualTo(1);

        assertThat(console.out()).contains(" INFO ").endsWith("One.\n{\"level\":\"INFO\",\"message\":\"One.\"}\n");
        assertThat(console.err()).contains("The host ended the connection.");
        assertThat(host.requests.getFirst().path()).isEqualTo("/api/logs?limit=100&follow=true");
    }

    @Test
    void helpHasExamplesAndEveryCommandIsListed() {
        for (String command : List.of(
                "sessions",
                "models",
                "engines",
                "providers",
                "tools",
                "keys",
                "logs",
                "events",
                "dead-letters",
                "timers",
                "audit",
                "backup",
                "restore")) {
            Console fresh = new Console();

            assertThat(fresh.run(command, "--help")).isZero();

            assertThat(fresh.out())
                    .contains("Usage: llmgine " + command)
                    .contains("--cacert")
                    .contains("Example")
                    .contains("Exit codes:");
        }
        assertThat(console.run("--help")).isZero();
        assertThat(console.out()).contains("sessions", "completion", "COMMAND --help");
    }
}
