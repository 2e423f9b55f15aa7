package org.llmgine.http.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.Counter;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.llmgine.api.Principal;
import org.llmgine.core.command.ModelEntry;

@Timeout(60)
class GateHttpTest {
    private static final String HI = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

    private static Host host;

    @BeforeAll
    static void start() throws Exception {
        host = new Host();
        host.context()
                .registerService(
                        Servlet.class,
                        new OtherServlet(),
                        Host.properties("osgi.http.whiteboard.servlet.pattern", "/other"));
    }

    @AfterAll
    static void stop() throws Exception {
        host.close();
    }

    @AfterEach
    void usualSettings() {
        change(Map.of());
        host.commands.script = FakeCommands.HELLO;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/health/live", "/openapi.json"})
    void whatIsPublicNeedsNoKey(String path) throws Exception {
        assertThat(anonymous(path).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/models", "/api/engines", "/metrics", "/other", "/nothing", "/health", "/api/login/x"})
    void everythingElseNeedsAKey(String path) throws Exception {
        HttpResponse<String> response = anonymous(path);

        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(response.headers().firstValue("WWW-Authenticate")).hasValue("Bearer realm=\"llmgine\"");
        assertThat(response.body()).contains("unauthenticated", "Authorization: Bearer KEY");
    }

    @Test
    void aWrongKeyIsRefusedInTheFormOfItsPath() throws Exception {
        HttpRequest.Builder wrong =
                HttpRequest.newBuilder(host.uri("/v1/models")).header("Authorization", "Bearer nope");
        HttpResponse<String> openAi = host.client.send(wrong.build(), HttpResponse.BodyHandlers.ofString());
        HttpResponse<String> problem =
                host.client.send(wrong.uri(host.uri("/api/tools")).build(), HttpResponse.BodyHandlers.ofString());

        assertThat(openAi.statusCode()).isEqualTo(401);
        assertThat(openAi.body())
                .isEqualTo("{\"error\":{\"message\":\"This key is not valid.\",\"type\":\"authentication_error\","
                        + "\"param\":null,\"code\":\"unauthenticated\"}}");
        assertThat(problem.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(problem.body())
                .isEqualTo("{\"type\":\"about:blank\",\"title\":\"Unauthorized\",\"status\":401,"
                        + "\"detail\":\"This key is not valid.\",\"code\":\"unauthenticated\"}");
    }

    @Test
    void aKeyMayComeInEitherHeader() throws Exception {
        assertThat(header("x-api-key", FakeCommands.KEY)).isEqualTo(200);
        assertThat(header("Authorization", "bearer  " + FakeCommands.KEY + " ")).isEqualTo(200);
        assertThat(header("Authorization", "Basic " + FakeCommands.KEY)).isEqualTo(401);
    }

    @Test
    void otherServletsSeeTheCallerAndAreNotHidden() throws Exception {
        assertThat(host.get("/other").body()).isEqualTo("other for tester");
    }

    @Test
    void whatAnotherServletLeavesToJettyIsToldInOurForm() throws Exception {
        HttpResponse<String> response = host.get("/other?fail=405");

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(response.body()).contains("\"code\":\"method_not_allowed\"").doesNotContain("etty");
        assertThat(host.get("/other?fail=503").headers().map())
                .containsEntry("retry-after", List.of("1"))
                .containsEntry("cache-control", List.of("no-store"));
        assertThat(host.get("/other?fail=401").headers().map())
                .containsEntry("www-authenticate", List.of("Basic realm=\"other\""));
        assertThat(host.get("/other?fail=500").body()).contains("\"code\":\"internal\"");
        assertThat(host.get("/other?fail=throw").body())
                .contains("\"code\":\"internal\"")
                .doesNotContain("secret", "Exception");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/../api/tools",
                "/health/live/../../v1/models",
                "/health/live/..",
                "/v1/%2e%2e/api/tools",
                "/v1/%2E%2E%2Fapi/tools",
                "//v1/models",
                "/v1//models",
                "/v1/models;x=y",
                "/health/live;x",
                "/v1/models%3bx",
                "/v1\\models",
                "/v1/%5cmodels",
                "/v1/models%00",
                "/v1/%252e%252e/models",
                "/v1/./models",
                "/v1/models/%c0%af",
                "/v1/models/%zz",
            })
    void anOddPathIsRefused(String path) throws Exception {
        String answer = host.raw("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                + FakeCommands.KEY + "\r\n\r\n");

        assertThat(answer)
                .startsWith("HTTP/1.1 400 ")
                .contains("invalid_request")
                .doesNotContain("etty", "Exception");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "NONSENSE\\r\\n\\r\\n|400",
                "GET / HTTP/9.9\\r\\nHost: x\\r\\n\\r\\n|505",
                "GET / HTTP/1.1\\r\\n\\r\\n|400",
                "GET / HTTP/1.1\\r\\nHost: x\\r\\nbad header\\r\\n\\r\\n|400",
                "GET / HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: minus\\r\\n\\r\\n|400",
                "POST / HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 1\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n|400",
            })
    void brokenHttpIsRefusedWithoutATrace(String request, int status) throws Exception {
        String answer = host.raw(request.replace("\\r\\n", "\r\n"));

        assertThat(answer)
                .startsWith("HTTP/1.1 " + status)
                .contains("application/problem+json")
                .doesNotContain("etty", "Exception", "Server:", "<html");
    }

    @Test
    void headersThatAreTooLargeAreRefused() throws Exception {
        String answer = host.raw("GET / HTTP/1.1\r\nHost: x\r\nX-Big: " + "x".repeat(20_000) + "\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 431 ").contains("headers_too_large");
    }

    @Test
    void anAddressThatIsTooLongIsRefused() throws Exception {
        assertThat(host.raw("GET /" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n"))
                .startsWith("HTTP/1.1 414 ")
                .contains("headers_too_large");
    }

    @Test
    void aBodyOfAnotherTypeIsRefusedWithTheCure() throws Exception {
        HttpResponse<String> response = host.client.send(
                host.request("/v1/chat/completions")
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(HI))
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(415);
        assertThat(response.body()).contains("unsupported_media_type", "Content-Type: application/json");
    }

    @ParameterizedTest
    @CsvSource({"TRACE,/other", "TRACE,/v1/models", "TRACE,/", "TRACK,/other", "FOO,/v1/models", "get,/"})
    void aMethodThatNobodyNeedsIsRefusedBeforeAnyServlet(String method, String path) throws Exception {
        String answer = host.raw(method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                + "Authorization: Bearer " + FakeCommands.KEY + "\r\n\r\n");

        assertThat(answer)
                .startsWith("HTTP/1.1 405 ")
                .contains("Allow: GET, HEAD, POST", "method_not_allowed")
                .doesNotContain(FakeCommands.KEY, "TRACE");
    }

    @Test
    void whereGetWorksHeadIsAllowed() throws Exception {
        HttpResponse<String> response =
                host.client.send(host.request("/v1/models").DELETE().build(), HttpResponse.BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow")).hasValue("GET, HEAD, OPTIONS");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Content-Encoding|gzip|415|without Content-Encoding",
                "Content-Type|application/json;charset=utf-16|415|UTF-8",
                "Content-Type|nonsense|400|The header Content-Type",
                "Accept|a/b;q=x|400|The header Accept ",
                "Accept-Language|;;q=x|200|Hello",
                "Accept|text/html, *; q=.2|200|Hello",
                "Content-Encoding|identity|200|Hello",
                "Content-Type|application/json;charset=UTF-8|200|Hello",
            })
    void aHeaderThatIsWrongIsNamed(String name, String value, int status, String what) throws Exception {
        HttpRequest.Builder request = host.request("/v1/chat/completions").header(name, value);
        if (!name.equals("Content-Type")) {
            request.header("Content-Type", "application/json");
        }
        HttpResponse<String> response = host.client.send(
                request.POST(HttpRequest.BodyPublishers.ofString(HI)).build(), HttpResponse.BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).contains(what);
    }

    @ParameterizedTest
    @CsvSource({"wrong,401", "right,415"})
    void whoIsAnsweredBeforeHisBodyCameIsToldThatTheConnectionEnds(String key, int status) throws Exception {
        try (Socket socket = host.connect()) {
            String head = "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                    + "Content-Encoding: gzip\r\nContent-Length: " + HI.length() + "\r\nAuthorization: Bearer "
                    + (key.equals("right") ? FakeCommands.KEY : key) + "\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            StringBuilder answer = new StringBuilder();
            while (!answer.toString().endsWith("\r\n\r\n")) {
                answer.append((char) in.read());
            }

            assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains("Connection: close");
            socket.getOutputStream().write(HI.getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).contains("\"error\"");
        }
    }

    @Test
    void aWrongMethodIsToldTheRightOnes() throws Exception {
        HttpResponse<String> response = host.get("/v1/chat/completions");

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow").orElseThrow()).contains("POST");
        assertThat(response.body()).contains("method_not_allowed", "POST");
    }

    @Test
    void anAnswerThatNobodyAcceptsIsRefused() throws Exception {
        HttpResponse<String> response = host.client.send(
                host.request("/v1/models").header("Accept", "image/png").build(), HttpResponse.BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(406);
        assertThat(response.body()).contains("not_acceptable");
    }

    @Test
    void nothingIsThereForAnUnknownPath() throws Exception {
        HttpResponse<String> openAi = host.get("/v1/nothing");
        HttpResponse<String> problem = host.get("/nothing");

        assertThat(openAi.statusCode()).isEqualTo(404);
        assertThat(openAi.body()).contains("\"error\":{", "not_found", "/openapi.json");
        assertThat(problem.body()).contains("\"title\":\"Not Found\"", "\"hint\":");
    }

    @Test
    void malformedJsonIsShownItsPlace() throws Exception {
        HttpResponse<String> response = host.chat("{\n  \"messages\": oops\n}");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body())
                .contains("line 2, column 15", "invalid_request")
                .doesNotContain("jackson", "Source");
    }

    @Test
    void aWrongFieldIsNamed() throws Exception {
        HttpResponse<String> response = host.chat("{\"messages\":[{\"role\":\"user\",\"content\":7}]}");

        assertThat(response.body())
                .isEqualTo(
                        "{\"error\":{\"message\":\"messages[0].content: must be a string or an array of parts, got a number.\","
                                + "\"type\":\"invalid_request_error\",\"param\":\"messages[0].content\",\"code\":\"invalid_request\"}}");
    }

    @Test
    void whoSendsFarTooMuchReadsWhyItIsRefused() throws Exception {
        change(Map.of("maxBodyBytes", 1024L));
        byte[] body = new byte[20_000_000];
        try (Socket socket = host.connect()) {
            OutputStream out = socket.getOutputStream();
            out.write((Host.chatHead() + "Content-Length: " + body.length + "\r\n\r\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
            out.write(body);

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 413 ");
        }
    }

    @Test
    void aBodyThatTurnsOutTooLargeIsRefused() throws Exception {
        change(Map.of("maxBodyBytes", 1024L));
        String chunk = "400\r\n" + " ".repeat(1024) + "\r\n";
        String answer = host.raw(Host.chatHead() + "Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk + "0\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 413 ").contains("too_large");
    }

    @Test
    void anotherServletsReaderIsLimitedToo() throws Exception {
        change(Map.of("maxBodyBytes", 1024L));
        String head = Host.chatHead().replace("/v1/chat/completions", "/other") + "Connection: close\r\n";
        String chunk = "400\r\n" + " ".repeat(1024) + "\r\n";

        assertThat(host.raw(head + "Transfer-Encoding: chunked\r\n\r\n" + chunk + "0\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ")
                .contains("1024 chars");
        assertThat(host.raw(head + "Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk + "0\r\n\r\n"))
                .startsWith("HTTP/1.1 413 ")
                .contains("too_large");
        assertThat(host.raw(head.replace("json", "json;charset=utf-8") + "Content-Length: 2\r\n\r\n\u00c3\u00a9"))
                .contains("1 chars");
    }

    @Test
    void aBodyThatEndsEarlyIsMalformed() throws Exception {
        try (Socket socket = host.connect()) {
            socket.getOutputStream()
                    .write((Host.chatHead() + "Content-Length: 100\r\n\r\n{").getBytes(StandardCharsets.UTF_8));
            socket.shutdownOutput();

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 400 ")
                    .contains("ended early");
        }
    }

    @Test
    void aKeyHasOnlySoManyRequestsAtATime() throws Exception {
        change(Map.of("maxStreamsPerKey", 1));
        // A key of its own: other tests' requests may still be on their way out.
        host.commands.keys.put("lonely-key", new Principal("hermit", Set.of(Principal.USER)));
        CountDownLatch go = new CountDownLatch(1);
        host.commands.turns.clear();
        host.commands.script = turn -> {
            go.await();
            return FakeCommands.HELLO.run(turn);
        };
        Thread first = Thread.ofVirtual().start(() -> {
            try {
                lonelyChat();
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        host.commands.turns.take();
        HttpResponse<String> second = lonelyChat();
        go.countDown();
        first.join();

        assertThat(second.statusCode()).isEqualTo(429);
        assertThat(second.headers().firstValue("Retry-After")).hasValue("1");
        assertThat(second.body()).contains("rate_limited", "maxStreamsPerKey");
    }

    private static HttpResponse<String> lonelyChat() throws IOException, InterruptedException {
        return host.client.send(
                HttpRequest.newBuilder(host.uri("/v1/chat/completions"))
                        .header("x-api-key", "lonely-key")
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(HI))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void aKeyHasOnlySoManyRequestsASecond() throws Exception {
        change(Map.of("requestsPerSecondPerKey", 1));
        host.commands.keys.put("hasty-key", new Principal("hare", Set.of(Principal.USER)));

        assertThat(header("x-api-key", "hasty-key")).isEqualTo(200);
        // How many more pass is up to the machine; KeyLimitsTest has the exact numbers.
        int status = 200;
        while (status == 200) {
            status = header("x-api-key", "hasty-key");
        }
        assertThat(status).isEqualTo(429);
    }

    @ParameterizedTest
    @CsvSource({"fake/plain,400", "default,400", "engine/chat,400", "helper,400", "fake/open,200", "fake/unlisted,404"})
    void whetherAFieldIsPassedOnDependsOnTheModel(String model, int status) throws Exception {
        assertThat(biased(model)).isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(strings = {"engine/chat", "helper"})
    void anEngineTakesWhatTheDefaultModelTakes(String engine) throws Exception {
        List<ModelEntry> usual = host.commands.models;
        host.commands.models = Stream.concat(
                        Stream.of(new ModelEntry(
                                "default", "llmgine", Optional.of("fake/open"), Set.of(), OptionalInt.empty())),
                        usual.stream().skip(1))
                .toList();
        try {
            assertThat(biased(engine)).isEqualTo(200);
        } finally {
            host.commands.models = usual;
        }
    }

    private static int biased(String model) throws Exception {
        return host.chat("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"model\":\"" + model
                        + "\",\"logit_bias\":{\"7\":1}}")
                .statusCode();
    }

    @Test
    void aGateThatGoesLeavesJettyAsItWas() throws Exception {
        try (Host other = new Host()) {
            other.get("/health/live");
            assertThat(other.raw("NONSENSE\r\n\r\n")).contains("invalid_request");
            Counter answered = other.registry.counter(
                    "llmgine_http_requests_total{method=\"GET\",path=\"/health/live\",status=\"200\"}");
            // A request is counted when its answer has left.
            while (answered.getCount() == 0) {
                Thread.onSpinWait();
            }
            other.dropGate();

            assertThat(other.raw("NONSENSE\r\n\r\n"))
                    .startsWith("HTTP/1.1 400 ")
                    .doesNotContain("invalid_request");
            assertThat(other.registry.getCounters()).isEmpty();
        }
    }

    @Test
    void requestsAreCountedByPathAndStatus() throws Exception {
        String name = "llmgine_http_requests_total{method=\"GET\",path=\"/v1/models\",status=\"404\"}";
        long before = host.registry.counter(name).getCount();

        host.get("/v1/models/no/such");
        host.get("/some/odd/path");

        // They are counted when the answer has left.
        while (host.registry.counter(name).getCount() == before) {
            Thread.onSpinWait();
        }
        assertThat(host.registry.counter(name).getCount()).isEqualTo(before + 1);
        while (!host.registry.getTimers().containsKey("llmgine_http_request_seconds{method=\"GET\",path=\"other\"}")) {
            Thread.onSpinWait();
        }
    }

    private static void change(Map<String, Object> changes) {
        host.settings.modified(Host.config(changes));
    }

    private static HttpResponse<String> anonymous(String path) throws Exception {
        return host.client.send(HttpRequest.newBuilder(host.uri(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static int header(String name, String value) throws Exception {
        return host.client
                .send(
                        HttpRequest.newBuilder(host.uri("/v1/models"))
                                .header(name, value)
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    /** Another bundle's servlet, in the default context. */
    private static final class OtherServlet extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
            int chars = request.getReader().read() < 0 ? 0 : 1;
            while (request.getReader().read() >= 0) {
                chars++;
            }
            response.getWriter().write(chars + " chars");
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            String fail = request.getParameter("fail");
            if (fail == null) {
                response.getWriter().write("other for " + Callers.of(request).name());
            } else if (fail.equals("throw")) {
                throw new IllegalStateException("secret");
            } else {
                if (fail.equals("401")) {
                    response.setHeader("WWW-Authenticate", "Basic realm=\"other\"");
                }
                response.sendError(Integer.parseInt(fail));
            }
        }
    }
}
