package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.llmgine.store.internal.Postgres;

/** A turn waits for a person, whatever happens to its host meanwhile. */
final class ApprovalIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String SEALING = "tool-seal+result";

    private static Host onPostgres(String name, String url) throws Exception {
        return SharedHost.unpackWithTestPlugins(name)
                .with("LLMGINE_DB_URL", url)
                .with("LLMGINE_DB_USER", "llmgine");
    }

    /** Begin a turn that asks for an approval, and wait until it does. */
    private static String suspended(TestSession session, String prompt) {
        String turn = session.detach(prompt);
        awaitState(session.api(), turn, "suspended");
        return turn;
    }

    private static void awaitState(Api api, String turn, String state) {
        Until.holds(
                SOON,
                () -> turn + " is not " + state + ": " + api.get(turn).body(),
                () -> api.json(turn).path("state").asText().equals(state));
    }

    private static JsonNode pending(Api api, TestSession session) {
        JsonNode items =
                api.json("/api/approvals?state=pending&session=" + session.id()).path("items");
        assertThat(items).hasSize(1);
        return items.get(0);
    }

    private static JsonNode decide(Api api, JsonNode approval, String decision, String reason) {
        HttpResponse<String> answer = api.post(
                "/api/approvals/" + approval.path("id").asText() + "/" + decision, "{\"reason\":\"" + reason + "\"}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return Api.parse(answer.body());
    }

    @Test
    void aTurnThatWaitsForAnApprovalOutlivesItsHostAndGoesOnWhenItIsGiven() throws Exception {
        try (Host host = SharedHost.unpackWithTestPlugins("approval").start()) {
            SharedHost.awaitTestPlugins(host);
            Api api = host.api();
            TestSession session = TestSession.create(api, "{}");
            String turn = suspended(session, SEALING);
            JsonNode asked = pending(api, session);
            assertThat(asked.path("tool").asText()).isEqualTo("seal");
            assertThat(api.json(turn).path("approvals").get(0)).isEqualTo(asked);
            assertThat(session.send("{\"prompt\":\"greet\"}").statusCode()).isEqualTo(409);

            host.kill();
            host.start();

            assertThat(api.json(turn).path("state").asText()).isEqualTo("suspended");
            assertThat(pending(api, session)).isEqualTo(asked);
            assertThat(host.journal().entries("seal")).isEmpty();
            HttpResponse<InputStream> following = api.follow(turn + "/stream", "");
            JsonNode decided = decide(api, asked, "approve", "Go on.");

            assertThat(decided.path("state").asText()).isEqualTo("approved");
            assertThat(decided.path("decidedBy").asText()).isEqualTo("admin");
            TurnLog log = TurnLog.whole(following.body());
            assertThat(log.events())
                    .extracting(TurnLog.Event::name)
                    .contains("approval_decided", "tool_call", "tool_result", "delta")
                    .endsWith("done");
            assertThat(log.events().getFirst().seq())
                    .as("the events of the former run are gone")
                    .isGreaterThan(1);
            assertThat(api.json(turn).path("state").asText()).isEqualTo("completed");
            assertThat(session.texts()).containsExactly(SEALING, "", "sealed for admin", "sealed for admin");
            assertThat(host.journal().entries("seal")).hasSize(1);
            assertThat(session.finish("\"prompt\":\"paced-1-0\"")
                            .path("turn")
                            .path("state")
                            .asText())
                    .isEqualTo("completed");
        }
    }

    @Test
    void aTurnThatWaitsOnOneHostIsApprovedAndGoesOnAtAnother() throws Exception {
        String url = Postgres.shared().database();
        try (Host first = onPostgres("approval-first", url).start();
                Host second = onPostgres("approval-second", url).start()) {
            SharedHost.awaitTestPlugins(first);
            SharedHost.awaitTestPlugins(second);
            TestSession session = TestSession.create(first.api(), "{}");
            String turn = suspended(session, SEALING);
            HttpResponse<InputStream> atFirst = first.api().follow(turn + "/stream", "");
            TestSession killed = TestSession.create(first.api(), "{}");
            String left = suspended(killed, SEALING);

            decide(second.api(), pending(second.api(), session), "approve", "");
            awaitState(second.api(), turn, "completed");

            // It is left to the second; a host that is stalled for long may be overtaken.
            assertThat(first.journal().entries("seal").size()
                            + second.journal().entries("seal").size())
                    .isEqualTo(1);
            TurnLog log = TurnLog.whole(atFirst.body());
            assertThat(log.events())
                    .extracting(TurnLog.Event::name)
                    .contains("approval_required")
                    .endsWith("done");
            assertThat(session.texts()).containsExactly(SEALING, "", "sealed for admin", "sealed for admin");

            first.kill();
            JsonNode asked = pending(second.api(), killed);
            decide(second.api(), asked, "deny", "Not now.");
            awaitState(second.api(), left, "completed");

            assertThat(second.api()
                            .post("/api/approvals/" + asked.path("id").asText() + "/approve", "")
                            .statusCode())
                    .isEqualTo(409);
            assertThat(new TestSession(second.api(), killed.id()).texts())
                    .containsExactly(
                            SEALING, "", "'admin' denied this call: Not now.", "'admin' denied this call: Not now.");
            assertThat(second.journal().entries("seal")).hasSize(1);
        }
    }

    @Test
    void anApprovedCallThatItsHostDiedInIsNotMadeAgain() throws Exception {
        try (Host host = SharedHost.unpackWithTestPlugins("approval-killed").start()) {
            SharedHost.awaitTestPlugins(host);
            Api api = host.api();
            TestSession session = TestSession.create(api, "{}");
            String turn = suspended(session, "tool-seal-20000+result");
            decide(api, pending(api, session), "approve", "");
            Until.holds(
                    SOON,
                    () -> "the call is not made",
                    () -> host.journal().entries("seal").size() == 1);

            host.kill();
            host.start();

            JsonNode ended = api.json(turn);
            assertThat(ended.path("state").asText()).isEqualTo("failed");
            assertThat(ended.path("error").path("code").asText()).isEqualTo("interrupted");
            SharedHost.awaitModel(host);
            assertThat(session.finish("\"prompt\":\"paced-1-0\"")
                            .path("turn")
                            .path("state")
                            .asText())
                    .isEqualTo("completed");
            assertThat(host.journal().entries("seal")).hasSize(1);
        }
    }
}
