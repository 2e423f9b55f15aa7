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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands that show the bus: dead letters, timers, events, and who changed what. */
@Timeout(20)
class BusCommandsTest {
    private static final String LETTER =
            "{\"id\":\"dead_1\",\"kind\":\"event\",\"type\":\"shop/order/placed\",\"listener\":\"stock\",\"session\":\"\","
                    + "\"attempts\":3,\"error\":\"The shelf\\nis empty.\",\"last\":\"x\",\"metadata\":{},"
                    + "\"payload\":{\"what\":\"tea\"}}";

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
        return last.method() + " " + last.path();
    }

    @Test
    void deadLettersAreListed() {
        answers.json("GET /api/dead-letters", "{\"items\":[" + LETTER + "],\"count\":1}");

        assertThat(console.run("dead-letters")).isZero();
        assertThat(asked()).isEqualTo("GET /api/dead-letters?limit=50");
        assertThat(console.out().lines())
                .containsExactly(
                        "LETTER  TYPE               TRIED  LAST  ERROR",
                        "dead_1  shop/order/placed  3x     x     The shelf is empty.");
        Console narrow = new Console().with("LLMGINE_HTTP_PORT", host.port()).with("COLUMNS", "40");
        assertThat(narrow.run("dead-letters", "list", "-t", "a/b", "-n", "2", "--after", "dead_0"))
                .isZero();
        assertThat(asked()).isEqualTo("GET /api/dead-letters?limit=2&type=a%2Fb&after=dead_0");
        assertThat(narrow.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(40));

        answers.json("GET /api/dead-letters", "{\"items\":[],\"count\":0}");
        assertThat(console.run("dead-letters")).isZero();
        assertThat(console.run("dead-letters", "--type", "a")).isZero();
        assertThat(console.err()).isEqualTo("There are no dead letters.\nThere are no dead letters of this type.\n");
    }

    @Test
    void aDeadLetterIsShownWithItsContent() {
        answers.json("GET /api/dead-letters/dead_1", LETTER);

        assertThat(console.run("dead-letters", "show", "dead_1")).isZero();

        assertThat(console.out().lines())
                .containsExactly(
                        "id        dead_1",
                        "kind      event",
                        "type      shop/order/placed",
                        "listener  stock",
                        "attempts  3",
                        "error     The shelf is empty.",
                        "last      x",
                        "payload   {\"what\":\"tea\"}");
    }

    @Test
    void aRetryThatFailsAgainIsNoSuccess() {
        answers.json("POST /api/dead-letters/dead_1/retry", "{\"id\":\"dead_1\",\"succeeded\":true}")
                .json(
                        "POST /api/dead-letters/dead_2/retry",
                        "{\"id\":\"dead_2\",\"succeeded\":false,\"error\":\"Still empty.\"}")
                .json("POST /api/dead-letters/retry", "{\"items\":[{\"id\":\"dead_1\",\"succeeded\":true}]}");

        assertThat(console.run("dead-letters", "retry", "dead_1")).isZero();
        assertThat(console.run("dead-letters", "retry", "dead_1", "dead_2")).isEqualTo(1);
        assertThat(console.run("dead-letters", "retry", "--type", "a/b")).isZero();
        assertThat(asked()).isEqualTo("POST /api/dead-letters/retry?type=a%2Fb");
        assertThat(console.run("dead-letters", "retry", "--all")).isZero();
        assertThat(asked()).isEqualTo("POST /api/dead-letters/retry");
        assertThat(console.run("dead-letters", "retry", "dead_2", "--json")).isEqualTo(1);

        assertThat(console.out().lines())
                .containsExactly(
                        "dead_1 succeeded.",
                        "dead_1 succeeded.",
                        "dead_2 failed: Still empty.",
                        "dead_1 succeeded.",
                        "dead_1 succeeded.",
                        "{\"id\":\"dead_2\",\"succeeded\":false,\"error\":\"Still empty.\"}");
        assertThat(console.err())
                .isEqualTo("llmgine: 1 message of 2 failed again.\nllmgine: 1 message of 1 failed again.\n");
    }

    @Test
    void whereNothingIsDeadNothingIsRetried() {
        answers.json("POST /api/dead-letters/retry", "{\"items\":[]}");

        assertThat(console.run("dead-letters", "retry", "--all")).isZero();
        assertThat(console.err()).isEqualTo("There are no such dead letters.\n");
        assertThat(console.run("dead-letters", "retry", "--all", "--json")).isZero();
        assertThat(console.out()).isEqualTo("{\"items\":[]}\n");
    }

    @Test
    void deadLettersArePurged() {
        answers.json("DELETE /api/dead-letters/dead_1", LETTER).json("DELETE /api/dead-letters", "{\"purged\":2}");

        assertThat(console.run("dead-letters", "purge", "dead_1")).isZero();
        assertThat(console.run("dead-letters", "purge", "-t", "a")).isZero();
        assertThat(asked()).isEqualTo("DELETE /api/dead-letters?type=a");
        assertThat(console.run("dead-letters", "purge", "--all")).isZero();
        assertThat(asked()).isEqualTo("DELETE /api/dead-letters?all=true");
        assertThat(console.run("dead-letters", "purge", "--all", "--json")).isZero();

        assertThat(console.out().lines())
                .containsExactly(
                        "Purged dead_1, shop/order/placed.",
                        "Purged 2 messages.",
                        "Purged 2 messages.",
                        "{\"purged\":2}");
    }

    @ParameterizedTest
    @CsvSource({"retry,''", "purge,''", "purge,dead_1 --all", "retry,--type a --all", "purge,dead_1 -t a"})
    void whichLettersIsSaidInOneWay(String command, String rest) {
        List<String> arguments = new java.util.ArrayList<>(List.of("dead-letters", command));
        rest.lines().flatMap(line -> java.util.Arrays.stream(line.split(" "))).forEach(arguments::add);

        assertThat(console.run(arguments.toArray(String[]::new))).isEqualTo(2);
        assertThat(console.err()).isEqualTo("llmgine: Name letters by their ids, or give --type, or --all.\n");
        assertThat(host.requests).isEmpty();
    }

    @Test
    void timersAreListedShownAndCancelled() {
        Instant now = Instant.now();
        String named = "{\"id\":\"timer_1\",\"name\":\"night\",\"type\":\"shop/count\",\"next\":\""
                + now.plus(3, ChronoUnit.HOURS) + "\",\"state\":\"waiting\",\"schedule\":\"cron UTC 0 3 * * *\"}";
        String late = "{\"id\":\"timer_2\",\"name\":\"\",\"type\":\"shop/count\",\"next\":\""
                + now.minus(3, ChronoUnit.HOURS) + "\",\"state\":\"parked\",\"schedule\":\"every PT1H\"}";
        answers.json("GET /api/timers", "{\"items\":[" + named + "," + late + "]}")
                .json("GET /api/timers/night", named)
                .json("DELETE /api/timers/night", named);

        assertThat(console.run("timers", "--limit", "7", "--after", "timer_0")).isZero();
        assertThat(asked()).isEqualTo("GET /api/timers?limit=7&after=timer_0");
        assertThat(console.run("timers", "show", "night")).isZero();
        assertThat(console.run("timers", "cancel", "night")).isZero();

        assertThat(console.out().lines())
                .startsWith(
                        "TIMER    TYPE        NEXT    STATE    SCHEDULE",
                        "night    shop/count  in 3 h  waiting  cron UTC 0 3 * * *",
                        "timer_2  shop/count  now     parked   every PT1H",
                        "id        timer_1",
                        "name      night")
                .endsWith("Cancelled night, shop/count.");
        answers.json("GET /api/timers", "{\"items\":[]}");
        assertThat(console.run("timers", "list")).isZero();
        assertThat(console.err()).isEqualTo("There are no timers.\n");
        assertThat(console.run("timers", "list", "--json")).isZero();
        assertThat(console.run("timers", "cancel", "day")).isEqualTo(1);
    }

    @Test
    void theAuditIsListed() {
        answers.json(
                "GET /api/audit",
                "{\"items\":[{\"id\":\"a1\",\"time\":\"x\",\"principal\":\"ann\",\"action\":\"CreateKey\",\"target\":\"k1\","
                        + "\"outcome\":\"ok\"}]}");

        assertThat(console.run("audit", "-p", "ann", "-a", "CreateKey", "-n", "3", "--after", "a0"))
                .isZero();

        assertThat(asked()).isEqualTo("GET /api/audit?limit=3&principal=ann&action=CreateKey&after=a0");
        assertThat(console.out().lines())
                .containsExactly("ACTION     WHO  WHEN  OUTCOME  TARGET", "CreateKey  ann  x     ok       k1");
        assertThat(console.run("audit", "--json")).isZero();
        answers.json("GET /api/audit", "{\"items\":[]}");
        assertThat(console.run("audit")).isZero();
        assertThat(console.err()).isEqualTo("Nothing of that kind was changed.\n");
    }

    @Test
    void eventsAreFollowedToTheConnectionsEnd() {
        answers.on(
                "GET /api/events",
                ScriptedHost.stream(
                        ": events\n\nevent: event\ndata: {\"type\":\"shop/placed\",\"principal\":\"ann\",\"session\":\"s1\","
                                + "\"sent\":\"2026-01-01T10:00:00.123Z\",\"payload\":{\"what\":\"tea\\u001b[2J\"}}\n\n"
                                + "event: event\ndata: {\"type\":\"shop/odd\",\"sent\":\"x\",\"problem\":\"It holds a secret.\"}\n\n"
                                + "event: event\ndata: {\"type\":\"shop/shut\",\"sent\":\"x\",\"payload\":{}}\n\n"
                                + "event: lost\ndata: {\"count\":2}\n\n: ping\n\n"));

        assertThat(console.run("events", "-t", "shop/*", "--topic", "a", "-s", "s1", "-p", "ann"))
                .isEqualTo(1);

        assertThat(asked()).isEqualTo("GET /api/events?topic=shop%2F*&topic=a&session=s1&principal=ann");
        assertThat(console.out().lines()).hasSize(5).satisfies(lines -> {
            assertThat(lines.get(0)).endsWith("00.123 shop/placed ann s1");
            assertThat(lines.get(1)).isEqualTo("    {\"what\":\"tea\\u001B[2J\"}");
            assertThat(lines.get(2)).isEqualTo("x shop/odd");
            assertThat(lines.get(3)).isEqualTo("    It holds a secret.");
            assertThat(lines.get(4)).isEqualTo("x shop/shut");
        });
        assertThat(console.err())
                .isEqualTo(
                        "llmgine: 2 events lost: this reader is too slow.\nllmgine: The host ended the connection.\n");
        Console other = new Console().with("LLMGINE_HTTP_PORT", host.port());
        assertThat(other.run("events", "--json")).isEqualTo(1);
        assertThat(other.out().lines()).hasSize(4).last().isEqualTo("{\"lost\":2}");
        Console narrow = new Console().with("LLMGINE_HTTP_PORT", host.port()).with("COLUMNS", "20");
        assertThat(narrow.run("events")).isEqualTo(1);
        assertThat(narrow.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(20));
    }

    @Test
    void whatTheHostRefusesIsSaid() {
        answers.on(
                "GET /api/events",
                answer(
                        403,
                        "application/problem+json",
                        "{\"detail\":\"'ann' may not do this: a higher role is needed.\"}"));

        assertThat(console.run("events")).isNotZero();
        assertThat(console.err()).contains("a higher role is needed");
    }
}
