package org.llmgine.http.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.llmgine.api.Principal;
import org.llmgine.bus.EventSelection;
import org.llmgine.bus.ShownEvent;
import org.llmgine.core.command.CancelTimer;
import org.llmgine.core.command.FollowEvents;
import org.llmgine.core.command.ListAudit;
import org.llmgine.core.command.ListDeadLetters;
import org.llmgine.core.command.ListTimers;
import org.llmgine.core.command.PurgeDeadLetter;
import org.llmgine.core.command.PurgeDeadLetters;
import org.llmgine.core.command.RetryDeadLetter;
import org.llmgine.core.command.RetryDeadLetters;

/** What operators see of the bus: its dead letters, its timers, its events. */
@Timeout(60)
class BusHttpTest {
    private static final Principal TESTER = new Principal("tester", Set.of(Principal.USER));
    private static final String LETTER =
            "{\"id\":\"dead_1\",\"kind\":\"event\",\"type\":\"shop/order/placed\",\"version\":2,"
                    + "\"bundle\":\"org.example.shop\",\"listener\":\"stock\",\"session\":\"s1\",\"principal\":\"ann\","
                    + "\"attempts\":3,\"errorCode\":\"unavailable\",\"error\":\"The shelf is empty.\","
                    + "\"first\":\"2026-11-22T10:00:00Z\",\"last\":\"2026-11-22T10:01:00Z\","
                    + "\"metadata\":{\"trace\":\"t1\"},\"idempotencyKey\":\"k1\",\"cause\":\"msg_1\","
                    + "\"payload\":{\"what\":\"tea\"}}";
    private static final String TIMER =
            "{\"id\":\"timer_1\",\"name\":\"night\",\"origin\":\"org.example.shop\",\"kind\":\"command\","
                    + "\"type\":\"shop/stock/count\",\"session\":\"\",\"principal\":\"ann\","
                    + "\"schedule\":\"cron UTC 0 3 * * *\",\"next\":\"2026-11-23T03:00:00Z\",\"attempts\":1,"
                    + "\"lastRun\":\"2026-11-22T03:00:00Z\",\"lastError\":\"The shelf is empty.\","
                    + "\"state\":\"parked\",\"reason\":\"Nobody handles it.\",\"idempotencyKey\":\"timer_1@1\"}";
    private static final ShownEvent.Told PLACED = new ShownEvent.Told(
            "msg_1",
            "shop/order/placed",
            1,
            "s1",
            "ann",
            Instant.parse("2026-11-22T10:00:00Z"),
            "org.example.shop",
            Optional.of("msg_0"),
            "{\"what\":\"tea\"}",
            "");

    private Host host;

    @BeforeEach
    void start() throws Exception {
        host = new Host();
    }

    @AfterEach
    void stop() throws Exception {
        host.close();
    }

    private HttpResponse<String> send(String method, String path) throws Exception {
        return host.client.send(
                host.request(path)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private Object asked() throws InterruptedException {
        return host.commands.desk.asked.take();
    }

    @Test
    void deadLettersAreListedAndRead() throws Exception {
        assertThat(host.get("/api/dead-letters").body()).isEqualTo("{\"items\":[" + LETTER + "],\"count\":7}");
        assertThat(asked()).isEqualTo(new ListDeadLetters(TESTER, "", "", 50));
        host.get("/api/dead-letters?type=shop/order/placed&after=dead_0&limit=1000");
        assertThat(asked()).isEqualTo(new ListDeadLetters(TESTER, "shop/order/placed", "dead_0", 1000));

        assertThat(host.get("/api/dead-letters/dead_1").body()).isEqualTo(LETTER);
        assertThat(host.get("/api/dead-letters/dead_2").statusCode()).isEqualTo(404);
    }

    @Test
    void deadLettersAreRetriedOneOrAll() throws Exception {
        assertThat(send("POST", "/api/dead-letters/dead_1/retry").body())
                .isEqualTo("{\"id\":\"dead_1\",\"succeeded\":true}");
        assertThat(asked()).isEqualTo(new RetryDeadLetter(TESTER, "dead_1"));
        host.commands.desk.retrySucceeds = false;
        String failed = "{\"id\":\"dead_1\",\"succeeded\":false,\"error\":\"The shelf is empty.\"}";
        HttpResponse<String> again = send("POST", "/api/dead-letters/dead_1/retry");
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(again.body()).isEqualTo(failed);
        asked();
        assertThat(send("POST", "/api/dead-letters/dead_2/retry").statusCode()).isEqualTo(404);
        asked();

        assertThat(send("POST", "/api/dead-letters/retry").body()).isEqualTo("{\"items\":[" + failed + "]}");
        assertThat(asked()).isEqualTo(new RetryDeadLetters(TESTER, ""));
        send("POST", "/api/dead-letters/retry?type=shop/order/placed");
        assertThat(asked()).isEqualTo(new RetryDeadLetters(TESTER, "shop/order/placed"));
    }

    @Test
    void deadLettersArePurgedOneOfATypeOrAllWhenThatIsSaid() throws Exception {
        assertThat(send("DELETE", "/api/dead-letters/dead_1").body()).isEqualTo(LETTER);
        assertThat(asked()).isEqualTo(new PurgeDeadLetter(TESTER, "dead_1"));
        assertThat(send("DELETE", "/api/dead-letters?type=shop/order/placed").body())
                .isEqualTo("{\"purged\":3}");
        assertThat(asked()).isEqualTo(new PurgeDeadLetters(TESTER, "shop/order/placed"));
        assertThat(send("DELETE", "/api/dead-letters?all=true").body()).isEqualTo("{\"purged\":3}");
        assertThat(asked()).isEqualTo(new PurgeDeadLetters(TESTER, ""));
    }

    @Test
    void timersAreListedReadAndCancelled() throws Exception {
        assertThat(host.get("/api/timers").body()).isEqualTo("{\"items\":[" + TIMER + "]}");
        assertThat(asked()).isEqualTo(new ListTimers(TESTER, "", 50));
        host.get("/api/timers?after=timer_0&limit=2");
        assertThat(asked()).isEqualTo(new ListTimers(TESTER, "timer_0", 2));
        assertThat(host.get("/api/timers/night").body()).isEqualTo(TIMER);
        asked();
        assertThat(send("DELETE", "/api/timers/timer_1").body()).isEqualTo(TIMER);
        assertThat(asked()).isEqualTo(new CancelTimer(TESTER, "timer_1"));
        assertThat(send("DELETE", "/api/timers/day").statusCode()).isEqualTo(404);
    }

    @Test
    void theAuditIsListed() throws Exception {
        assertThat(host.get("/api/audit").body())
                .isEqualTo("{\"items\":[{\"id\":\"audit_1\",\"time\":\"2026-11-22T10:00:00Z\",\"principal\":\"ann\","
                        + "\"roles\":[\"admin\",\"user\"],\"action\":\"CreateKey\",\"target\":\"k1\",\"outcome\":\"ok\","
                        + "\"details\":\"for bob\",\"session\":\"\",\"face\":\"http\"}]}");
        assertThat(asked()).isEqualTo(new ListAudit(TESTER, "", "", "", 50));
        host.get("/api/audit?principal=ann&action=CreateKey&after=audit_2&limit=1000");
        assertThat(asked()).isEqualTo(new ListAudit(TESTER, "ann", "CreateKey", "audit_2", 1000));
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/api/dead-letters?limit=0,limit",
        "GET,/api/dead-letters?limit=1001,limit",
        "GET,/api/dead-letters?kind=event,kind",
        "POST,/api/dead-letters/retry?typ=a,typ",
        "DELETE,/api/dead-letters,type",
        "DELETE,/api/dead-letters?type=,type",
        "DELETE,/api/dead-letters?all=false,type",
        "DELETE,/api/dead-letters?all=yes,all",
        "DELETE,/api/dead-letters?type=a&all=true,all",
        "GET,/api/timers?limit=many,limit",
        "GET,/api/timers?name=night,name",
        "GET,/api/events?topics=a,topics",
        "GET,/api/audit?limit=1001,limit",
        "GET,/api/audit?who=ann,who"
    })
    void whatIsWrongIsNamed(String method, String path, String field) throws Exception {
        HttpResponse<String> response = send(method, path);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("\"field\":\"" + field + "\"");
        assertThat(host.commands.desk.asked).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"GET,/api/dead-letters", "GET,/api/timers", "GET,/api/events", "DELETE,/api/dead-letters?all=true"})
    void whoMayNotIsToldSo(String method, String path) throws Exception {
        host.commands.desk.forbidden = true;

        assertThat(send(method, path).statusCode()).isEqualTo(403);
    }

    @Test
    void eventsAreFollowedAsTheyHappenWithGapsAndPings() throws Exception {
        host.commands.desk.events.add(PLACED);
        host.commands.desk.events.add(new ShownEvent.Lost(12));
        host.commands.desk.events.add(new ShownEvent.Told(
                "msg_2",
                "shop/odd",
                1,
                "",
                "anonymous",
                Instant.parse("2026-11-22T10:00:01Z"),
                "",
                Optional.empty(),
                "",
                "It holds a secret."));
        HttpResponse<InputStream> response = host.client.send(
                host.request("/api/events?topic=shop/*&topic=llmgine/turn/*&session=s1&principal=ann")
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
        assertThat(asked())
                .isEqualTo(
                        new FollowEvents(TESTER, new EventSelection(List.of("shop/*", "llmgine/turn/*"), "s1", "ann")));
        try (InputStream body = response.body()) {
            BufferedReader in = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
            assertThat(lines(in, 2)).containsExactly(": events", "");
            assertThat(lines(in, 3))
                    .containsExactly(
                            "event: event",
                            "data: {\"id\":\"msg_1\",\"type\":\"shop/order/placed\",\"version\":1,\"session\":\"s1\","
                                    + "\"principal\":\"ann\",\"sent\":\"2026-11-22T10:00:00Z\","
                                    + "\"origin\":\"org.example.shop\",\"cause\":\"msg_0\",\"payload\":{\"what\":\"tea\"}}",
                            "");
            assertThat(lines(in, 3)).containsExactly("event: lost", "data: {\"count\":12}", "");
            assertThat(lines(in, 3)[1])
                    .endsWith("\"sent\":\"2026-11-22T10:00:01Z\",\"origin\":\"\",\"problem\":\"It holds a secret.\"}");
            while (!in.ready()) {
                host.timer.roundIn(Duration.ofSeconds(6));
            }
            assertThat(lines(in, 2)).containsExactly(": ping", "");
        }
        // Its leaving is noticed at a ping and ends the work.
        while (host.timer.heartbeats() > 0) {
            host.timer.roundIn(Duration.ofSeconds(6));
        }
    }

    @Test
    void theFiguresNameThePathsWithoutIds() throws Exception {
        host.get("/api/dead-letters/dead_1");
        send("POST", "/api/dead-letters/dead_1/retry");
        host.get("/api/timers/night");

        while (host.registry.getCounters().keySet().stream()
                        .filter(name -> name.contains("path=\"/api/dead-letters\"")
                                || name.contains("path=\"/api/dead-letters/retry\"")
                                || name.contains("path=\"/api/timers\""))
                        .count()
                < 3) {
            Thread.onSpinWait();
        }
    }

    private static String[] lines(BufferedReader in, int count) throws IOException {
        String[] lines = new String[count];
        for (int i = 0; i < count; i++) {
            lines[i] = in.readLine();
        }
        return lines;
    }
}
