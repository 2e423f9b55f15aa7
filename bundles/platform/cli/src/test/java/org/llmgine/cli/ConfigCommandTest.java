package org.llmgine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ConfigCommandTest {
    private static final String CONFIGURATION = """
            {"pid":"org.example~work","version":7,"stored":true,
            "schema":{"properties":{"limit":{"description":"How many."},"names":{"description":"Which."}}},
            "settings":[
            {"name":"limit","value":3,"secret":false,"set":true,"stored":true,"origin":"stored"},
            {"name":"names","value":["a","b"],"secret":false,"set":true,"stored":true,"origin":"file","source":"etc/x.cfg","problem":"names is bad."},
            {"name":"key","secret":true,"set":true,"stored":true,"origin":"stored"},
            {"name":"other","secret":true,"set":false,"stored":false,"origin":"default"}]}""".replace("\n", "");
    private static final String PATH = "/api/config/org.example%7Ework";
    private static final String DECODED = "/api/config/org.example~work";

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

    private String asked() {
        ScriptedHost.Request last = host.requests.getLast();
        return last.method() + " " + last.path() + " " + last.body();
    }

    @Test
    void configurationsAreListed() {
        answers.json("GET /api/config", """
                {"items":[{"pid":"org.example","factory":true,"name":"Example","plugin":"example",
                "instances":["org.example~a","org.example~b"]},
                {"pid":"org.none","factory":true,"name":"None","instances":[]},
                {"pid":"org.core","factory":false,"name":"Core","instances":[]}]}""");

        assertThat(console.run("config")).isZero();

        assertThat(console.out().lines())
                .containsExactly(
                        "PID          PLUGIN   INSTANCES  NAME",
                        "org.example  example  ~a ~b      Example",
                        "org.none              -          None",
                        "org.core                         Core");
        answers.json("GET /api/config", "{\"items\":[]}");
        assertThat(console.run("config", "list")).isZero();
        assertThat(console.err()).isEqualTo("There is nothing to configure.\n");
    }

    @Test
    void oneIsShownWithoutSecretsAndWithWhereItComesFrom() {
        answers.json("GET " + DECODED, CONFIGURATION);

        assertThat(console.with("COLUMNS", "120").run("config", "show", "org.example~work"))
                .as(console.err())
                .isZero();

        assertThat(console.out().lines())
                .containsExactly(
                        "SETTING  VALUE  FROM                           DESCRIPTION",
                        "limit    3      stored                         How many.",
                        "names    a, b   etc/x.cfg, not what is stored  Which.",
                        "key      (set)  stored",
                        "other           default");
        assertThat(console.err()).isEqualTo("Not in force: names is bad.\n");
    }

    @Test
    void settingsAreSetAndASecretIsReadFromTheInput() {
        answers.json("PATCH " + DECODED, CONFIGURATION);

        assertThat(console.pipe("sk-1\r\nsk-2\nrest")
                        .run(
                                "config",
                                "set",
                                "org.example~work",
                                "limit=3",
                                "url=a=b",
                                "-s",
                                "key",
                                "--secret",
                                "other"))
                .as(console.err())
                .isZero();

        assertThat(asked())
                .isEqualTo("PATCH " + PATH + " {\"limit\":\"3\",\"url\":\"a=b\",\"key\":\"sk-1\",\"other\":\"sk-2\"}");
        assertThat(console.out()).isEqualTo("The settings of org.example~work are stored and in force. Version 7.\n");
    }

    @Test
    void whatCantBeSetIsSaid() {
        assertThat(console.run("config", "set", "org.example")).isEqualTo(ExitCode.USAGE);
        assertThat(console.run("config", "set", "org.example", "limit")).isEqualTo(ExitCode.USAGE);
        assertThat(console.pipe("").run("config", "set", "org.example", "--secret", "key"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(console.err().lines())
                .containsExactly(
                        "llmgine: Give at least one NAME=VALUE, or --secret NAME.",
                        "llmgine: 'limit' is no NAME=VALUE.",
                        "llmgine: The standard input has no line for key.");
        assertThat(host.requests).isEmpty();
    }

    @Test
    void settingsAreUnsetOneOrAll() {
        answers.json("PATCH " + DECODED, CONFIGURATION)
                .json("DELETE " + DECODED, "{\"pid\":\"org.example~work\",\"version\":8,\"removed\":true}");

        assertThat(console.run("config", "unset", "org.example~work", "limit", "key"))
                .isZero();
        assertThat(asked()).isEqualTo("PATCH " + PATH + " {\"limit\":null,\"key\":null}");
        assertThat(console.run("config", "unset", "org.example~work")).isZero();
        assertThat(asked()).isEqualTo("DELETE " + PATH + " ");

        assertThat(console.out())
                .isEqualTo("The settings of org.example~work are stored and in force. Version 7.\n"
                        + "Nothing is stored for org.example~work any more. Version 8.\n");
    }

    @Test
    void theHistoryIsATable() {
        answers.json("GET " + DECODED + "/history", """
                {"items":[
                {"version":3,"time":"%1$s","principal":"ann","removed":true,"changed":["key"],"values":{},"secrets":[]},
                {"version":2,"time":"%1$s","principal":"ann","removed":false,"changed":["key","limit","names"],
                "values":{"names":["a","b"]},"secrets":["key"]}]}""".formatted(Instant.now()));

        assertThat(console.run("config", "history", "org.example~work", "-n", "5"))
                .isZero();

        assertThat(host.requests.getLast().path()).endsWith("/history?limit=5");
        assertThat(console.out().lines())
                .containsExactly(
                        "VERSION  CHANGED   BY   SETTINGS",
                        "3        just now  ann  all removed",
                        "2        just now  ann  key (secret), no limit, names=a, b");
    }

    @Test
    void itIsRolledBack() {
        answers.json("POST " + DECODED + "/rollback", CONFIGURATION);

        assertThat(console.run("config", "rollback", "org.example~work")).isZero();
        assertThat(host.requests.getLast().path()).isEqualTo(PATH + "/rollback");
        assertThat(console.run("config", "rollback", "org.example~work", "3", "--json"))
                .isZero();
        assertThat(host.requests.getLast().path()).isEqualTo(PATH + "/rollback?to=3");

        assertThat(console.out())
                .isEqualTo("The settings of org.example~work are stored and in force. Version 7.\n" + CONFIGURATION
                        + "\n");
    }
}
