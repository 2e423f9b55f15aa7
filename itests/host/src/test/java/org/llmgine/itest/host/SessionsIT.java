package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** People hold sessions: turns that outlive connections, prompts in a row, histories with branches. */
@Timeout(120)
final class SessionsIT {
    private static final String BOBS_KEY = "itest-bobs-key-0123456789abcdef";
    private static final Duration SOON = Duration.ofSeconds(10);

    private static Host host;
    private static Api api;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        host = SharedHost.unpackWithTestPlugins("sessions")
                .withUser("bob", BOBS_KEY)
                .start();
        api = host.api();
        SharedHost.awaitModel(host);
    }

    @AfterAll
    static void stop() {
        host.close();
    }

    @Test
    void aTurnShowsItsToolsAndTheHistoryKeepsThem() throws IOException {
        TestSession session = TestSession.ofModel(api, "offline/demo");

        HttpResponse<InputStream> response = session.ask("What is 12*7?");
        TurnLog log = TurnLog.whole(response.body());

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        JsonNode call = log.events("tool_call").getFirst().data();
        assertThat(call.path("name").asText()).isEqualTo("calculator");
        assertThat(Api.parse(call.path("arguments").asText())).isNotEmpty();
        JsonNode result = log.events("tool_result").getFirst().data();
        assertThat(result.path("id")).isEqualTo(call.path("id"));
        assertThat(result.path("text").asText()).isEqualTo("84");
        assertThat(result.path("isError").asBoolean(true)).isFalse();
        assertThat(log.text()).contains("84");
        assertThat(log.events("status").getFirst().data().path("model").asText())
                .isEqualTo("offline/demo");
        assertThat(log.last().name()).isEqualTo("done");
        JsonNode turn = log.last().data().path("turn");
        assertThat(turn.path("state").asText()).isEqualTo("completed");
        assertThat(turn.path("usage").path("totalTokens").asLong()).isPositive();
        assertThat(session.messages())
                .extracting(message -> message.path("role").asText())
                .containsExactly("user", "assistant", "tool", "assistant");
        assertThat(session.texts()).endsWith(log.text());
        assertThat(session.messages().get(1).path("toolCalls").path(0).path("id"))
                .isEqualTo(session.messages().get(2).path("toolCallId"));
        assertThat(session.messages()).allMatch(message -> message.path("turn").equals(turn.path("id")));
        assertThat(api.json(session.turns()).path("items").path(0)).isEqualTo(turn);
    }

    @Test
    void aConnectionCutAtTwoHundredMomentsLosesAndRepeatsNothing() throws Exception {
        int turns = 8;
        int cuts = 25;
        long seed = Long.getLong("llmgine.itest.seed", System.nanoTime());
        System.out.println("Cuts by the seed " + seed + " (llmgine.itest.seed)");
        AtomicInteger number = new AtomicInteger();
        try (Crowd<Integer> crowd =
                Crowd.of(turns, () -> cutAndResume(new Random(seed + number.getAndIncrement()), cuts))) {
            assertThat(crowd.results().stream().mapToInt(Integer::intValue).sum())
                    .isEqualTo(200);
        }
    }

    /** Read a turn of 600 words, cut so many times; return how often it was. */
    private static int cutAndResume(Random random, int cuts) throws IOException {
        TestSession session = TestSession.ofModel(api, "scripted~main/paced-600-2");
        TurnLog log = new TurnLog();
        HttpResponse<InputStream> response = session.ask("go");
        String turn = response.headers().firstValue("Content-Location").orElseThrow();
        for (int i = 0; i < cuts; i++) {
            try (InputStream in = response.body()) {
                log.read(in, random.nextInt(2_400));
            }
            log.cut();
            assertThat(log.events("done")).as("cut before the end").isEmpty();
            response = api.follow(turn + "/stream", log.lastId());
            assertThat(response.statusCode()).isEqualTo(200);
        }
        try (InputStream in = response.body()) {
            log.read(in, Integer.MAX_VALUE);
        }

        TurnLog whole = TurnLog.whole(api.follow(turn + "/stream", "").body());
        assertThat(log.events()).isEqualTo(whole.events());
        assertThat(log.text()).isEqualTo(String.join("", Numbered.words(600)));
        assertThat(log.last().name()).isEqualTo("done");
        assertThat(session.texts()).containsExactly("go", log.text());
        return cuts;
    }

    @Test
    void allReadersSeeTheSameEvents() throws Exception {
        TestSession session = TestSession.ofModel(api, "scripted~main/paced-100-5");
        String turn = session.detach("go");
        TurnLog early;
        List<TurnLog> late;
        try (Crowd<TurnLog> crowd =
                Crowd.of(4, () -> TurnLog.whole(api.follow(turn + "/stream", "").body()))) {
            early = TurnLog.whole(api.follow(turn + "/stream", "").body());
            late = crowd.results();
        }

        assertThat(early.text()).isEqualTo(String.join("", Numbered.words(100)));
        assertThat(late).allSatisfy(log -> assertThat(log.events()).isEqualTo(early.events()));
        TurnLog second = TurnLog.whole(api.follow(turn + "/stream?after=50", "").body());
        assertThat(second.events())
                .isEqualTo(early.events().stream()
                        .filter(event -> event.seq() > 50)
                        .toList());
    }

    @Test
    void whatIsOverIsReadAgainAndItsEndIsToldApart() {
        TestSession session = TestSession.ofModel(api, "scripted~main/paced-3-0");
        String turn = session.turns() + "/"
                + session.finish("\"prompt\":\"go\"").path("turn").path("id").asText();
        String id = turn.substring(turn.lastIndexOf('/') + 1);
        long last = IntStream.iterate(1, i -> i + 1)
                .filter(i -> api.follow(turn + "/stream", id + ":" + i).statusCode() == 204)
                .findFirst()
                .orElseThrow();

        assertThat(api.get(turn + "/stream").body()).contains("w0 ", "w2 ", "id: " + id + ":" + last + "\nevent: done");
        HttpResponse<InputStream> beyond = api.follow(turn + "/stream", id + ":" + (last + 1));
        assertThat(beyond.statusCode()).isEqualTo(400);
        assertThat(api.follow(turn + "/stream", "turn_other:1").statusCode()).isEqualTo(400);
        assertThat(api.get(turn + "0/stream").statusCode()).isEqualTo(404);
        assertThat(api.get("/api/sessions/sess_none/turns/" + id + "/stream").statusCode())
                .isEqualTo(404);
    }

    @Test
    void aCancelledTurnsModelIsLeft() throws IOException {
        String script = "paced-1-0+wait-60007";
        TestSession session = TestSession.ofModel(api, "scripted~main/" + script);
        HttpResponse<InputStream> response = session.ask("go");
        String turn = response.headers().firstValue("Content-Location").orElseThrow();
        TurnLog log = new TurnLog();
        try (InputStream in = response.body()) {
            log.readUntil(in, "delta");
            assertThat(host.journal().open(script)).isEqualTo(1);
            assertThat(api.call("DELETE", turn, "").statusCode()).isEqualTo(200);
            long left = System.currentTimeMillis();
            Until.holds(
                    SOON,
                    () -> "it is not cancelled: " + api.get(turn).body(),
                    () -> api.json(turn).path("state").asText().equals("cancelled"));
            host.journal().assertCutWithin(Heartbeats.TWO, script, left);
        }
        TurnLog whole = TurnLog.whole(api.follow(turn + "/stream", "").body());

        assertThat(whole.text()).isEqualTo("w0 ");
        assertThat(whole.last().name()).isEqualTo("error");
        assertThat(whole.last().data().path("code").asText()).isEqualTo("cancelled");
        assertThat(whole.last().data().path("turn").path("state").asText()).isEqualTo("cancelled");
    }

    @Test
    void aSessionsEndIsItsTurnsEnd() throws IOException {
        String script = "paced-1-0+wait-60011";
        TestSession session = TestSession.ofModel(api, "scripted~main/" + script);
        session.detach("go");
        Until.holds(SOON, () -> "the model is not asked", () -> host.journal().open(script) == 1);

        assertThat(api.call("DELETE", session.path(), "").statusCode()).isEqualTo(204);

        Until.holds(SOON, () -> "the model is not left", () -> host.journal().open(script) == 0);
        assertThat(api.get(session.path()).statusCode()).isEqualTo(404);
    }

    @Test
    void aSecondPromptIsRefusedOrWaits() throws IOException {
        TestSession session = TestSession.create(api, "{}");
        String first = session.detach("paced-1-0+silent");
        HttpResponse<String> refused = session.send("{\"prompt\":\"greet\"}");

        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        assertThat(Api.parse(refused.body()).path("code").asText()).isEqualTo("busy");

        assertThat(api.call("PATCH", session.path(), "{\"settings\":{\"whenBusy\":\"queue\"}}")
                        .statusCode())
                .isEqualTo(200);
        String second = session.detach("paced-2-0");
        assertThat(api.json(second).path("state").asText()).isEqualTo("queued");
        assertThat(first).endsWith(api.json(session.path()).path("turn").asText("none"));
        api.call("DELETE", first, "");

        TurnLog log = TurnLog.whole(api.follow(second + "/stream", "").body());
        assertThat(log.text()).isEqualTo("w0 w1 ");
        assertThat(log.last().name()).isEqualTo("done");
        assertThat(session.texts()).endsWith("paced-2-0", "w0 w1 ");
    }

    @Test
    void historyIsEditedBranchedAndAnsweredAgain() {
        TestSession session = TestSession.create(api, "{\"title\":\"Branches\"}");
        JsonNode first = session.finish("\"prompt\":\"paced-1-0\"").path("messages");
        String asked = first.path(0).path("id").asText();
        String answered = first.path(1).path("id").asText();

        JsonNode edited = session.finish("\"prompt\":\"paced-2-0\",\"replaces\":\"" + asked + "\"")
                .path("messages");
        assertThat(session.texts()).containsExactly("paced-2-0", "w0 w1 ");
        assertThat(session.messages().getFirst().path("siblings"))
                .hasToString("[\"" + asked + "\",\"" + edited.path(0).path("id").asText() + "\"]");

        assertThat(api.call("PATCH", session.path(), "{\"head\":\"" + answered + "\"}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(session.texts()).containsExactly("paced-1-0", "w0 ");

        JsonNode again = session.finish("\"replaces\":\"" + asked + "\"").path("messages");
        assertThat(again).hasSize(1);
        assertThat(session.texts()).containsExactly("paced-1-0", "w0 ");
        assertThat(session.messages().getLast().path("siblings"))
                .hasToString(
                        "[\"" + answered + "\",\"" + again.path(0).path("id").asText() + "\"]");

        HttpResponse<String> corrected =
                api.post(session.path() + "/messages", "{\"replaces\":\"" + answered + "\",\"content\":\"No words.\"}");
        assertThat(corrected.statusCode()).isEqualTo(201);
        assertThat(session.texts()).containsExactly("paced-1-0", "No words.");

        TestSession branch = TestSession.create(
                api,
                "{\"from\":{\"session\":\"" + session.id() + "\",\"message\":\""
                        + edited.path(1).path("id").asText() + "\"}}");
        assertThat(branch.texts()).containsExactly("paced-2-0", "w0 w1 ");
        branch.finish("\"prompt\":\"paced-1-0\"");
        assertThat(branch.texts()).hasSize(4);
        assertThat(session.texts()).containsExactly("paced-1-0", "No words.");
    }

    @ParameterizedTest
    @CsvSource({"paced-2-0+fail-500, provider_error, 502", "fail-401, provider_auth, 502", "throw, plugin_failed, 500"})
    void aFailureIsTheLastEventOrTheAnswersStatus(String script, String code, int status) throws IOException {
        TestSession session = TestSession.ofModel(api, "scripted~main/" + script);

        TurnLog log = TurnLog.whole(session.ask("go").body());
        HttpResponse<String> waited = session.send("{\"prompt\":\"go\",\"stream\":false}");

        assertThat(log.last().name()).isEqualTo("error");
        assertThat(log.last().data().path("code").asText()).isEqualTo(code);
        assertThat(log.last().data().path("turn").path("state").asText()).isEqualTo("failed");
        assertThat(waited.statusCode()).isEqualTo(status);
        assertThat(Api.parse(waited.body()).path("code").asText()).isEqualTo(code);
    }

    @Test
    void anothersSessionIsNotThere() {
        Api bob = host.api(BOBS_KEY);
        TestSession session = TestSession.create(api, "{\"title\":\"mine\"}");
        String turn = session.turns() + "/"
                + session.finish("\"prompt\":\"paced-1-0\"")
                        .path("turn")
                        .path("id")
                        .asText();

        assertThat(List.of(
                        bob.get(session.path()),
                        bob.call("PATCH", session.path(), "{\"title\":\"his\"}"),
                        bob.call("DELETE", session.path(), ""),
                        bob.post(session.path() + "/messages", "{\"replaces\":\"m\",\"content\":\"x\"}"),
                        bob.post(session.turns(), "{\"prompt\":\"greet\"}"),
                        bob.get(session.turns()),
                        bob.get(turn),
                        bob.get(turn + "/stream"),
                        bob.call("DELETE", turn, "")))
                .extracting(HttpResponse::statusCode)
                .containsOnly(404);
        assertThat(bob.get("/api/sessions?owner=admin").statusCode()).isEqualTo(403);
        TestSession his = TestSession.create(bob, "{\"title\":\"his\"}");
        assertThat(bob.json("/api/sessions").path("items")).hasSize(1);
        assertThat(api.json("/api/sessions?owner=bob&limit=1")
                        .path("items")
                        .path(0)
                        .path("id")
                        .asText())
                .isEqualTo(his.id());
        assertThat(api.json(session.path()).path("title").asText()).isEqualTo("mine");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"model\":\"nowhere/nothing\"}",
                "{\"engine\":\"nothing\"}",
                "{\"tools\":[\"nothing\"]}",
                "{\"model\":\"engine/tool-chat\"}",
                "{\"from\":{\"session\":\"sess_none\",\"message\":\"msg_none\"}}"
            })
    void whatDoesNotExistIsRefusedByName(String body) {
        HttpResponse<String> response = api.post("/api/sessions", body);

        assertThat(response.statusCode()).isBetween(400, 404);
        assertThat(Api.parse(response.body()).path("field").asText())
                .isEqualTo(
                        body.contains("from")
                                ? "from.session"
                                : body.replaceAll("\\{\"(\\w+)\".*", "$1") + (body.contains("tools") ? "[0]" : ""));
    }
}
