package org.llmgine.http.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
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
import org.llmgine.core.session.DecideApproval;
import org.llmgine.core.session.GetApproval;
import org.llmgine.core.session.ListApprovals;

@Timeout(60)
class ApprovalsHttpTest {
    private static final String CALL = "\"tool\":\"add\",\"call\":\"c1\",\"arguments\":\"{\\\"a\\\":1}\","
            + "\"askedBy\":\"tester\",\"created\":\"2026-11-22T10:00:00Z\",\"expires\":\"2026-11-22T10:00:01.500Z\"";
    static final String ASKED =
            "{\"id\":\"appr_2\",\"session\":\"sess_1\",\"turn\":\"turn_1\",\"state\":\"pending\"," + CALL + "}";
    static final String DENIED = "{\"id\":\"appr_1\",\"session\":\"sess_1\",\"turn\":\"turn_1\",\"state\":\"denied\","
            + CALL + ",\"decided\":\"2026-11-22T10:00:01.500Z\",\"decidedBy\":\"olga\","
            + "\"reason\":\"Not \\\"so\\\".\"}";
    private static final String TURN =
            "{\"id\":\"turn_1\",\"session\":\"sess_1\",\"state\":\"suspended\",\"prompt\":\"msg_1\","
                    + "\"engine\":\"tool-chat\",\"model\":\"fake/plain\",\"created\":\"2026-11-22T10:00:00Z\"";
    static final String SUSPENDED = TURN + "}";
    static final String WAITING = TURN + ",\"approvals\":[" + DENIED + "," + ASKED + "]}";

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
    void approvalsAreListed() throws Exception {
        HttpResponse<String> response =
                send("GET", "/api/approvals?state=pending&session=sess_1&limit=2&after=appr_9", "");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("{\"items\":[" + ASKED + "," + DENIED + "]}");
        ListApprovals asked = asked(ListApprovals.class);
        assertThat(asked)
                .returns(Optional.of("pending"), ListApprovals::state)
                .returns(Optional.of("sess_1"), ListApprovals::session)
                .returns(Optional.empty(), ListApprovals::turn)
                .returns(2, ListApprovals::limit)
                .returns(Optional.of("appr_9"), ListApprovals::after);
        assertThat(asked.principal().name()).isEqualTo("tester");
        send("GET", "/api/approvals", "");
        assertThat(asked(ListApprovals.class)).returns(50, ListApprovals::limit);
    }

    @ParameterizedTest
    @ValueSource(strings = {"limit=0", "limit=501", "limit=x", "status=pending"})
    void aWrongParameterIsRefused(String query) throws Exception {
        HttpResponse<String> response = send("GET", "/api/approvals?" + query, "");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("\"field\":\"" + query.substring(0, query.indexOf('=')) + "\"");
    }

    @Test
    void anApprovalIsRead() throws Exception {
        assertThat(send("GET", "/api/approvals/appr_1", "").body()).isEqualTo(DENIED);
        assertThat(asked(GetApproval.class).approvalId()).isEqualTo("appr_1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            approve | true  | {"reason": "Fine."} | Fine.
            deny    | false | {"reason": "No."}   | No.
            approve | true  | {}                  | ''
            deny    | false | {"reason": null}    | ''
            approve | true  | ''                  | ''
            """)
    void anApprovalIsDecided(String decision, boolean approved, String body, String reason) throws Exception {
        HttpResponse<String> response = send("POST", "/api/approvals/appr_1/" + decision, body);

        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(DENIED);
        DecideApproval asked = asked(DecideApproval.class);
        assertThat(asked)
                .returns("appr_1", DecideApproval::approvalId)
                .returns(approved, DecideApproval::approved)
                .returns(reason, DecideApproval::reason);
        assertThat(asked.principal().name()).isEqualTo("tester");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"reasons": "x"} | reasons
            {"reason": 7}    | reason
            """)
    void aBadDecisionIsRefusedByName(String body, String field) throws Exception {
        HttpResponse<String> response = send("POST", "/api/approvals/appr_1/approve", body);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("\"field\":\"" + field + "\"");
        assertThat(host.commands.sessions.asked).isEmpty();
    }

    @Test
    void whoComesTooLateIsToldSo() throws Exception {
        host.commands.sessions.failure =
                Optional.of(new LlmgineException(ErrorCode.ALREADY_DECIDED, "'olga' has denied the call already."));

        HttpResponse<String> response = send("POST", "/api/approvals/appr_1/approve", "{}");

        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(response.body()).contains("already_decided", "'olga' has denied the call already.");
    }

    @Test
    void aSuspendedTurnShowsWhatItWaitsFor() throws Exception {
        host.commands.sessions.turn = FakeSessions.SUSPENDED;

        HttpResponse<String> response = send("GET", "/api/sessions/sess_1/turns/turn_1", "");
        host.commands.sessions.turn = FakeSessions.FAILED;

        assertThat(response.body()).isEqualTo(WAITING);
    }

    private static <T> T asked(Class<T> type) throws InterruptedException {
        return type.cast(host.commands.sessions.asked.take());
    }

    private static HttpResponse<String> send(String method, String path, String body) throws Exception {
        HttpRequest.Builder request = host.request(path);
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        return host.client.send(
                request.method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
