package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What nobody should send gets its proper status and a message that helps, and the host serves on. */
final class BadInputIT {
    private static final String CHAT = "/v1/chat/completions";
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final long DRIP_MS = 200;

    private static Host host;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        host = Host.unpack("badinput").withSettings("org.llmgine.http", """
                        maxStreamsPerKey = 100
                        heartbeatMs = 1000
                        headTimeoutMs = 60000
                        """).start();
        try (Shell shell = host.shell()) {
            shell.install(Fixtures.scriptedProvider());
        }
    }

    @AfterAll
    static void stop() {
        host.close();
    }

    @AfterEach
    void theHostServesOn() {
        assertThat(host.api().ask("scripted/paced-1-0", "").isWhole()).isTrue();
    }

    @ParameterizedTest(name = "{1} in {0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"model": "offline/demo", "messages": [                                                 | 400 |
            nonsense                                                                                | 400 |
            ``                                                                                      | 400 |
            []                                                                                      | 400 |
            "text"                                                                                  | 400 |
            {"model": 7, "messages": [{"role": "user", "content": "x"}]}                            | 400 | model
            {"model": "offline/demo"}                                                               | 400 | messages
            {"model": "offline/demo", "messages": []}                                               | 400 | messages
            {"model": "offline/demo", "messages": "x"}                                              | 400 | messages
            {"model": "offline/demo", "messages": [7]}                                              | 400 | messages[0]
            {"model": "offline/demo", "messages": [{"role": "king", "content": "x"}]}               | 400 | messages[0].role
            {"model": "offline/demo", "messages": [{"role": "user", "content": 7}]}                 | 400 | messages[0].content
            {"model": "offline/demo", "messages": [{"role": "user", "content": [{"type": "smell"}]}]} | 400 | messages[0].content[0]
            {"model": "offline/demo", "messages": [{"role": "user", "content": "x"}], "temperature": "hot"} | 400 | temperature
            {"model": "offline/demo", "messages": [{"role": "user", "content": "x"}], "max_tokens": -1} | 400 | max_tokens
            {"model": "offline/demo", "messages": [{"role": "user", "content": "x"}], "stream": "yes"} | 400 | stream
            {"model": "offline/demo", "messages": [{"role": "user", "content": "x"}], "n": 2}       | 400 | n
            {"model": "offline/demo", "messages": [{"role": "user", "content": "x"}], "tools": {}}  | 400 | tools
            {"model": "nowhere/nothing", "messages": [{"role": "user", "content": "x"}]}            | 404 |
            {"model": "offline/nothing", "messages": [{"role": "user", "content": "x"}]}            | 404 |
            {"model": "engine/nothing", "messages": [{"role": "user", "content": "x"}]}             | 404 |
            {"model": "", "messages": [{"role": "user", "content": "x"}]}                           | 404 | model
            """)
    void aBadQuestionIsRefusedByName(String body, int status, String field) {
        HttpResponse<String> response = host.api().post(CHAT, body);

        JsonNode error = assertRefused(response, status);
        if (field != null) {
            assertThat(error.path("param").asText()).startsWith(field);
        }
    }

    @Test
    void anUnknownFieldGoesToTheProviderWhichIgnoresIt() {
        String body =
                Api.question("offline/demo", "Hello!").put("colour", "blue").toString();

        assertThat(host.api().post(CHAT, body).statusCode()).isEqualTo(200);
    }

    @Test
    void nestingWithoutEndIsRefused() {
        String deep = "[".repeat(200_000);

        assertRefused(host.api().post(CHAT, "{\"model\":\"offline/demo\",\"messages\":" + deep), 400);
    }

    @Test
    void aBodyOfMoreThanTenMebibytesIsTooLarge() {
        String body = Api.question("offline/demo", "x".repeat(10 * 1024 * 1024)).toString();

        // Who stalls while he sends is cut off before he reads why.
        Until.holds(LIMIT, () -> "nothing is told", () -> {
            assertRefused(host.api().post(CHAT, body), 413);
            return true;
        });
    }

    @Test
    void headersThatAreTooLargeAreRefused() throws IOException {
        try (RawClient client = new RawClient(host)) {
            client.send("GET /v1/models HTTP/1.1\r\nHost: x\r\nX-Big: " + "x".repeat(100_000) + "\r\n\r\n");

            assertThat(client.readAll()).startsWith("HTTP/1.1 431 ").satisfies(BadInputIT::assertNoInsides);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sk-wrong", "Ω-wrong", "x"})
    void anAbsentOrWrongKeyIsRefused(String key) throws IOException {
        for (String path : List.of("/v1/models", "/api/providers", "/metrics")) {
            try (RawClient client = new RawClient(host)) {
                String header = key.isEmpty() ? "" : "Authorization: Bearer " + key + "\r\n";
                client.send("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + header + "\r\n");

                assertThat(client.readAll())
                        .as(path)
                        .startsWith("HTTP/1.1 401 ")
                        .containsIgnoringCase("\r\nWWW-Authenticate: Bearer")
                        .contains("key")
                        .satisfies(BadInputIT::assertNoInsides);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../../../../etc/passwd",
                "/docs/../../../../etc/passwd",
                "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
                "/docs/..%2f..%2f..%2fetc%2fpasswd",
                "/docs/..%5c..%5cetc%5cpasswd",
                "/v1/..;/api/keys",
                "//etc/passwd",
                "/docs/%00",
                "/%c0%ae%c0%ae/etc/passwd",
                "file:///etc/passwd"
            })
    void noPathLeadsOutside(String path) throws IOException {
        try (RawClient client = new RawClient(host)) {
            client.send("GET " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + Host.ADMIN_KEY
                    + "\r\nConnection: close\r\n\r\n");

            assertThat(client.readAll())
                    .matches("(?s)HTTP/1.1 (400|404) .*")
                    .doesNotContain("root:")
                    .satisfies(BadInputIT::assertNoInsides);
        }
    }

    @ParameterizedTest(name = "{0} {1} is {2}")
    @CsvSource({
        "GET, /v1/chat/completions, 405",
        "DELETE, /v1/models, 405",
        "GET, /v1/nothing, 404",
        "GET, /api/nothing, 404",
        "GET, /nothing, 404",
        "BREW, /v1/models, 405",
    })
    void aWrongPathOrMethodIsRefused(String method, String path, int status) throws IOException {
        try (RawClient client = new RawClient(host)) {
            client.send(method + " " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + Host.ADMIN_KEY
                    + "\r\nConnection: close\r\n\r\n");

            assertThat(client.readAll()).startsWith("HTTP/1.1 " + status + " ").satisfies(BadInputIT::assertNoInsides);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0016\u0003\u0001\u0002", "nonsense\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"})
    void whatIsNoHttpIsRefusedOrCutOff(String bytes) throws IOException {
        try (RawClient client = new RawClient(host)) {
            client.send(bytes);
            client.finish();

            assertThat(client.readAll()).matches("(?s)|HTTP/1.1 (400|505) .*").satisfies(BadInputIT::assertNoInsides);
        }
    }

    @Test
    void aBodyThatDripsInIsRefusedWithRequestTimeout() throws IOException {
        host.api().set("org.llmgine.http", "bodyTimeoutMs", "2000");
        try (RawClient client = new RawClient(host)) {
            client.send(head(1000) + "{\"model\": ");
            CountDownLatch answered = new CountDownLatch(1);
            String answer;
            try (Crowd<Boolean> dripping = Crowd.of(1, () -> drip(client, answered))) {
                answer = client.readUntil("HTTP/1.1 408 ");
                answered.countDown();
            }
            answer += client.readAll();

            assertThat(answer).startsWith("HTTP/1.1 408 ").satisfies(BadInputIT::assertNoInsides);
        } finally {
            host.api().set("org.llmgine.http", "bodyTimeoutMs", "null");
        }
    }

    /** Send spaces, one after the other, until there is an answer. */
    private static boolean drip(RawClient client, CountDownLatch answered) throws IOException, InterruptedException {
        while (!answered.await(DRIP_MS, TimeUnit.MILLISECONDS)) {
            client.send(" ");
        }
        return true;
    }

    @Test
    void moreStreamsAtATimeThanAKeyMayHaveAreRefusedWithRetryAfter() throws Exception {
        Api api = host.api(host.login());
        try (Crowd<ChatStream> crowd = Crowd.of(150, () -> api.open("scripted/paced-1-0+silent", ""))) {
            List<ChatStream> streams = crowd.results();
            assertThat(streams).extracting(ChatStream::status).containsOnly(200, 429);
            assertThat(streams).filteredOn(stream -> stream.status() == 200).hasSize(100);
            assertThat(streams)
                    .filteredOn(stream -> stream.status() == 429)
                    .allSatisfy(
                            refused -> assertThat(refused.header("Retry-After")).isPresent());
            streams.forEach(ChatStream::close);
        }
        Until.holds(
                LIMIT,
                () -> "the key stays blocked",
                () -> api.get("/v1/models").statusCode() == 200);
    }

    @Test
    void twoThousandConnectionsThatAreSilentOrHoldHalfARequestKeepNobodyOut() throws IOException {
        try (HalfConnections connections = new HalfConnections(host)) {
            connections.open(2_000);

            long begin = System.nanoTime();
            assertThat(host.api().ask("scripted/paced-1-0", "").isWhole()).isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(LIMIT);
        }
    }

    private static String head(int length) {
        return "POST " + CHAT + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + Host.ADMIN_KEY
                + "\r\nContent-Type: application/json\r\nContent-Length: " + length + "\r\n\r\n";
    }

    private static JsonNode assertRefused(HttpResponse<String> response, int status) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertNoInsides(response.body());
        JsonNode error = Api.parse(response.body()).path("error");
        assertThat(error.path("message").asText()).hasSizeGreaterThan(15);
        assertThat(error.path("code").asText()).matches("[a-z_]+");
        return error;
    }

    private static void assertNoInsides(String answer) {
        assertThat(answer).doesNotContain("at org.", "at java.", "Exception", "Caused by", "Jetty", "jersey");
    }
}
