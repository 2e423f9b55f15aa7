package org.llmgine.http.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.core.session.BranchPoint;
import org.llmgine.core.session.ChangeSession;
import org.llmgine.core.session.CreateSession;
import org.llmgine.core.session.DeleteSession;
import org.llmgine.core.session.EditMessage;
import org.llmgine.core.session.GetSession;
import org.llmgine.core.session.ListSessions;
import org.llmgine.core.session.SessionDraft;
import org.llmgine.core.session.SessionSettings;

@Timeout(60)
class SessionsHttpTest {
    private static final String PLAIN =
            "{\"id\":\"sess_1\",\"owner\":\"tester\",\"title\":\"\",\"engine\":\"tool-chat\",\"model\":\"default\","
                    + "\"systemPrompt\":\"\",\"tools\":null,\"settings\":{\"whenBusy\":\"refuse\"},\"head\":null,"
                    + "\"created\":\"2026-11-22T10:00:00Z\",\"updated\":\"2026-11-22T10:00:00Z\",\"turn\":null}";
    private static final String FULL =
            "{\"id\":\"sess_2\",\"owner\":\"tester\",\"title\":\"Sums\",\"engine\":\"tool-chat\",\"model\":\"fake/plain\","
                    + "\"systemPrompt\":\"Be short.\",\"tools\":[\"add\"],\"settings\":{\"maxTokens\":10,"
                    + "\"temperature\":0.5,\"topP\":0.9,\"seed\":7,\"stop\":[\"END\"],\"reasoningEffort\":\"low\","
                    + "\"whenBusy\":\"queue\",\"detachedGraceMs\":60000,\"approvals\":{\"add\":\"ask\"},\"extensions\":{\"top_k\":5}},"
                    + "\"head\":\"msg_4\",\"created\":\"2026-11-22T10:00:00Z\",\"updated\":\"2026-11-22T10:00:01.500Z\","
                    + "\"turn\":\"turn_1\"}";

    private static final Principal TESTER = new Principal("tester", Set.of(Principal.USER));

    private static Host host;

    @BeforeAll
    static void start() throws Exception {
        host = new Host();
    }

    @AfterAll
    static void stop() throws Exception {
        host.close();
    }

    @BeforeEach
    void forget() {
        host.commands.sessions.asked.clear();
    }

    @Test
    void aSessionIsMadeOfNothing() throws Exception {
        HttpResponse<String> response = send("POST", "/api/sessions", "{}");

        assertThat(response.statusCode()).isEqualTo(201);
        assertThat(response.headers().firstValue("Location")).hasValue("/api/sessions/sess_1");
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(response.body()).isEqualTo(PLAIN);
        CreateSession asked = asked(CreateSession.class);
        assertThat(asked.principal().name()).isEqualTo("tester");
        assertThat(asked.draft()).isEqualTo(SessionDraft.EMPTY);
        assertThat(asked.from()).isEmpty();
    }

    @Test
    void everyFieldOfASessionIsRead() throws Exception {
        send("POST", "/api/sessions", """
                {"title": "Sums", "engine": "tool-chat", "model": "fake/plain", "systemPrompt": "Be short.",
                 "tools": ["add", "now", "add"], "from": {"session": "sess_9", "message": "msg_9"},
                 "settings": {"maxTokens": 10, "temperature": 0.5, "topP": 0.9, "seed": 7, "stop": "END",
                   "reasoningEffort": "low", "whenBusy": "queue", "detachedGraceMs": 60000,
                   "approvals": {"add": "ask", "now": "deny"}, "extensions": {"top_k": 5, "metadata": {"a": [1, null]}, "user": null}}}""");

        CreateSession asked = asked(CreateSession.class);
        SessionDraft draft = asked.draft();
        assertThat(draft.title()).hasValue("Sums");
        assertThat(draft.engine()).hasValue("tool-chat");
        assertThat(draft.model()).hasValue("fake/plain");
        assertThat(draft.systemPrompt()).hasValue("Be short.");
        assertThat(draft.tools()).hasValue(Optional.of(List.of("add", "now")));
        assertThat(asked.from()).hasValue(new BranchPoint("sess_9", "msg_9"));
        SessionSettings settings = draft.settings().orElseThrow();
        assertThat(settings.maxTokens()).isEqualTo(OptionalInt.of(10));
        assertThat(settings.temperature()).isEqualTo(OptionalDouble.of(0.5));
        assertThat(settings.topP()).isEqualTo(OptionalDouble.of(0.9));
        assertThat(settings.seed()).isEqualTo(OptionalLong.of(7));
        assertThat(settings.stop()).containsExactly("END");
        assertThat(settings.reasoningEffort()).hasValue("low");
        assertThat(settings.whenBusy()).isEqualTo("queue");
        assertThat(settings.detachedGrace()).hasValue(Duration.ofMinutes(1));
        assertThat(settings.approvals()).isEqualTo(Map.of("add", "ask", "now", "deny"));
        assertThat(settings.extensions().keySet()).containsExactly("top_k", "metadata");
        assertThat(settings.extensions().get("top_k")).isEqualTo(5);
        assertThat(settings.extensions().get("metadata")).hasToString("{a=[1, null]}");
    }

    @Test
    void allToolsNoneAndNoChangeAreToldApart() throws Exception {
        send("PATCH", "/api/sessions/sess_2", "{\"tools\":null}");
        assertThat(asked(ChangeSession.class).draft().tools()).hasValue(Optional.empty());
        send("PATCH", "/api/sessions/sess_2", "{\"tools\":[]}");
        assertThat(asked(ChangeSession.class).draft().tools()).hasValue(Optional.of(List.of()));
        send("PATCH", "/api/sessions/sess_2", "{\"title\":null}");
        assertThat(asked(ChangeSession.class).draft()).isEqualTo(SessionDraft.EMPTY);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"titel": "x"}                            | titel
            {"title": 7}                              | title
            {"title": "a\\u0007"}                     | title
            {"engine": ""}                            |
            {"model": ["x"]}                          | model
            {"systemPrompt": {}}                      | systemPrompt
            {"tools": "add"}                          | tools
            {"tools": [7]}                            | tools[0]
            {"settings": []}                          | settings
            {"settings": {"maxtokens": 1}}            | settings.maxtokens
            {"settings": {"maxTokens": 0}}            | settings.maxTokens
            {"settings": {"temperature": 2.1}}        | settings.temperature
            {"settings": {"topP": -0.1}}              | settings.topP
            {"settings": {"seed": 1.5}}               | settings.seed
            {"settings": {"stop": ["a","b","c","d","e"]}} | settings.stop
            {"settings": {"stop": [""]}}              | settings.stop[0]
            {"settings": {"reasoningEffort": 3}}      | settings.reasoningEffort
            {"settings": {"whenBusy": "wait"}}        | settings.whenBusy
            {"settings": {"detachedGraceMs": -1}}     | settings.detachedGraceMs
            {"settings": {"approvals": ["add"]}}      | settings.approvals
            {"settings": {"approvals": {"add": true}}} | settings.approvals.add
            {"settings": {"approvals": {"add": "no"}}} | settings.approvals.add
            {"settings": {"extensions": []}}          | settings.extensions
            {"settings": {"extensions": {"messages": []}}} | settings.extensions.messages
            {"settings": {"extensions": {"logprobs": true}}} | settings.extensions.logprobs
            {"from": "sess_1"}                        | from
            {"from": {"session": "sess_1"}}           | from.message
            {"from": {"session": "s", "message": "m", "turn": "t"}} | from.turn
            """)
    void aBadFieldIsRefusedByName(String body, String field) throws Exception {
        HttpResponse<String> response = send("POST", "/api/sessions", body);

        if (field == null) {
            assertThat(response.statusCode()).isEqualTo(201);
            return;
        }
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(json(response).path("field").asText()).isEqualTo(field);
        assertThat(json(response).path("detail").asText()).startsWith(field + ": ");
        assertThat(host.commands.sessions.asked).isEmpty();
    }

    @Test
    void extensionsHaveABound() throws Exception {
        String fields =
                IntStream.range(0, 257).mapToObj(i -> "\"x" + i + "\":1").collect(Collectors.joining(","));

        HttpResponse<String> response =
                send("POST", "/api/sessions", "{\"settings\":{\"extensions\":{" + fields + "}}}");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("settings.extensions: must have at most 256 fields.");
    }

    @Test
    void sessionsAreListed() throws Exception {
        HttpResponse<String> own = host.get("/api/sessions");
        assertThat(own.body()).isEqualTo("{\"items\":[" + PLAIN + "," + FULL + "]}");
        assertThat(asked(ListSessions.class)).isEqualTo(list("", 50, Optional.empty()));

        host.get("/api/sessions?owner=bob&limit=3&after=sess_7");
        assertThat(asked(ListSessions.class)).isEqualTo(list("bob", 3, Optional.of("sess_7")));
    }

    @Test
    void aParameterThatTheListDoesNotTakeIsNamed() throws Exception {
        HttpResponse<String> response = host.get("/api/sessions?onwer=bob");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body())
                .contains("onwer: is no parameter of this address, which takes owner, limit, after.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "501", "-1", "x", "", "05", "1e2", "99999999999999999999"})
    void aBadLimitIsRefused(String limit) throws Exception {
        HttpResponse<String> response = host.get("/api/sessions?limit=" + limit);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("\"field\":\"limit\"", "limit: must be a whole number from 1 to 500, got");
    }

    @Test
    void aSessionIsReadWithItsMessages() throws Exception {
        JsonNode history = json(host.get("/api/sessions/sess_2"));

        assertThat(asked(GetSession.class).sessionId()).isEqualTo("sess_2");
        assertThat(history.toString()).startsWith(FULL.substring(0, FULL.length() - 1) + ",\"messages\":[");
        assertThat(history.path("messages").path(0))
                .hasToString("{\"id\":\"msg_1\",\"turn\":\"turn_1\",\"created\":\"2026-11-22T10:00:00Z\","
                        + "\"siblings\":[\"msg_1\"],\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"1+2?\"},"
                        + image(history)
                        + "{\"type\":\"file\",\"file\":{\"filename\":\"a.txt\",\"file_data\":\"data:text/plain;base64,QQ==\"}},"
                        + "{\"type\":\"file\",\"file\":{\"file_id\":\"file-1\"}},{\"type\":\"smells\"}]}");
        assertThat(history.path("messages").path(1))
                .hasToString("{\"id\":\"msg_2\",\"parent\":\"msg_1\",\"turn\":\"turn_1\","
                        + "\"created\":\"2026-11-22T10:00:00Z\",\"siblings\":[\"msg_2\"],\"role\":\"assistant\","
                        + "\"content\":\"\",\"toolCalls\":[{\"id\":\"c1\",\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}],"
                        + "\"reasoning\":\"Hm.\",\"refusal\":\"No.\"}");
        assertThat(history.path("messages").path(2))
                .hasToString("{\"id\":\"msg_3\",\"parent\":\"msg_2\",\"turn\":\"turn_1\","
                        + "\"created\":\"2026-11-22T10:00:00Z\",\"siblings\":[\"msg_3\"],\"role\":\"tool\","
                        + "\"content\":\"3\",\"toolCallId\":\"c1\"}");
    }

    @Test
    void aSessionIsChanged() throws Exception {
        HttpResponse<String> response =
                send("PATCH", "/api/sessions/sess_2", "{\"model\":\"fake/plain\",\"head\":\"msg_2\"}");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(FULL);
        ChangeSession asked = asked(ChangeSession.class);
        assertThat(asked.sessionId()).isEqualTo("sess_2");
        assertThat(asked.head()).hasValue("msg_2");
        assertThat(asked.draft().model()).hasValue("fake/plain");
        assertThat(asked.draft().settings()).isEmpty();
        assertThat(send("PATCH", "/api/sessions/sess_2", "{\"from\":null}").statusCode())
                .isEqualTo(400);
    }

    @Test
    void aSessionIsRemoved() throws Exception {
        HttpResponse<String> response = send("DELETE", "/api/sessions/sess_1", "");

        assertThat(response.statusCode()).isEqualTo(204);
        assertThat(response.body()).isEmpty();
        assertThat(asked(DeleteSession.class).sessionId()).isEqualTo("sess_1");
    }

    @Test
    void aMessageIsEdited() throws Exception {
        HttpResponse<String> response =
                send("POST", "/api/sessions/sess_2/messages", "{\"replaces\":\"msg_4\",\"content\":\"It is three.\"}");

        assertThat(response.statusCode()).isEqualTo(201);
        assertThat(json(response).path("id").asText()).isEqualTo("msg_4");
        EditMessage asked = asked(EditMessage.class);
        assertThat(asked.messageId()).isEqualTo("msg_4");
        assertThat(asked.text()).isEqualTo("It is three.");
        assertThat(send("POST", "/api/sessions/sess_2/messages", "{\"replaces\":\"msg_4\"}")
                        .body())
                .contains("\"field\":\"content\"");
        assertThat(send("POST", "/api/sessions/sess_2/messages", "{\"content\":\"x\"}")
                        .body())
                .contains("\"field\":\"replaces\"");
    }

    @Test
    void whatIsBusySaysWhenToComeAgain() throws Exception {
        host.commands.sessions.failure =
                Optional.of(new LlmgineException(ErrorCode.BUSY, "A turn is in progress.").withHint("Wait."));

        HttpResponse<String> response = send("PATCH", "/api/sessions/sess_2", "{\"head\":\"msg_1\"}");

        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(response.headers().firstValue("Retry-After")).hasValue("1");
        assertThat(response.body()).contains("\"title\":\"Conflict\"", "\"code\":\"busy\"");
    }

    private static ListSessions list(String owner, int limit, Optional<String> after) {
        return new ListSessions(TESTER, owner, limit, after);
    }

    /** The order of an image's two fields is nobody's business. */
    private static String image(JsonNode history) {
        JsonNode image = history.path("messages").path(0).path("content").path(1);
        assertThat(new JsonMapper().convertValue(image, Map.class))
                .isEqualTo(Map.of(
                        "type", "image_url", "image_url", Map.of("url", "https://example.org/a.png", "detail", "low")));
        return image + ",";
    }

    private static <T> T asked(Class<T> type) throws InterruptedException {
        return type.cast(host.commands.sessions.asked.take());
    }

    private static HttpResponse<String> send(String method, String path, String body) throws Exception {
        return host.client.send(
                host.request(path)
                        .header("Content-Type", "application/json")
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> response) throws Exception {
        return new JsonMapper().readTree(response.body());
    }
}
