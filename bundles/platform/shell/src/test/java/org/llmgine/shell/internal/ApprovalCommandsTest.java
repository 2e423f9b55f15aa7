package org.llmgine.shell.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.karaf.shell.support.completers.ArgumentCommandLine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.message.ToolCall;
import org.llmgine.core.session.Approval;
import org.llmgine.core.session.DecideApproval;
import org.llmgine.core.session.GetApproval;
import org.llmgine.core.session.ListApprovals;

@Timeout(20)
class ApprovalCommandsTest {
    private static final Instant TIME = Instant.parse("2026-11-22T10:00:00.123Z");
    private static final Approval ASKED = new Approval(
            "appr_1",
            "sess_1",
            "turn_1",
            3,
            new ToolCall("c1", "send", "{\"to\":\"bob\"}"),
            new Principal("ann", Set.of(Principal.USER)),
            TIME,
            TIME.plusSeconds(60),
            Approval.PENDING,
            Optional.empty(),
            "",
            Optional.empty());
    private static final Approval DENIED =
            ASKED.decided(Approval.DENIED, Optional.of("olga"), "Not so.", TIME.plusSeconds(1));

    private final Screen screen = new Screen();

    @Test
    void approvalsAreATable() throws Exception {
        List<ListApprovals> asked = new ArrayList<>();
        FakeHost host = new FakeHost().on(ListApprovals.class, list -> {
            asked.add(list);
            return list.state().isEmpty() ? List.of() : List.of(ASKED);
        });
        ApprovalsCommand command = screen.show(new ApprovalsCommand(), host);
        command.execute();
        command.state = "all";
        command.sessionId = "sess_1";
        command.limit = 100_000;
        command.execute();

        assertThat(screen.text())
                .contains("appr_1 | pending | ann      | 2026-11-22T10:00:00Z | send | {\"to\":\"bob\"}")
                .contains("There is no approval.");
        assertThat(asked).extracting(ListApprovals::limit).containsExactly(50, 500);
        assertThat(asked)
                .extracting(ListApprovals::state)
                .containsExactly(Optional.of(Approval.PENDING), Optional.empty());
        assertThat(asked).extracting(ListApprovals::session).containsExactly(Optional.empty(), Optional.of("sess_1"));
    }

    @Test
    void anApprovalIsShown() throws Exception {
        ApprovalShowCommand command = screen.show(
                new ApprovalShowCommand(),
                new FakeHost().on(GetApproval.class, get -> get.approvalId().equals("appr_1") ? ASKED : DENIED));
        command.id = "appr_1";
        command.execute();
        assertThat(screen.text())
                .contains("State     pending", "Arguments {\"to\":\"bob\"}", "Expires   2026-11-22T10:01:00.123Z")
                .doesNotContain("By ");
        command.id = "appr_2";
        command.execute();

        assertThat(screen.text()).contains("State     denied", "By        olga", "Reason    Not so.");
    }

    @Test
    void aCallIsApprovedOrDenied() throws Exception {
        List<DecideApproval> asked = new ArrayList<>();
        FakeHost host = new FakeHost().on(DecideApproval.class, decide -> {
            asked.add(decide);
            if (decide.approved()) {
                throw new LlmgineException(ErrorCode.ALREADY_DECIDED, "'olga' has denied the call already.");
            }
            return DENIED;
        });
        ApprovalDenyCommand deny = screen.show(new ApprovalDenyCommand(), host);
        deny.id = "appr_1";
        deny.reason = "Not so.";
        deny.execute();
        ApprovalApproveCommand approve = screen.show(new ApprovalApproveCommand(), host);
        approve.id = "appr_1";

        assertThatThrownBy(approve::execute).hasMessage("'olga' has denied the call already.");
        assertThat(screen.text()).isEqualTo("The call of send is denied (appr_1).\n");
        assertThat(asked).extracting(DecideApproval::approved).containsExactly(false, true);
        assertThat(asked).extracting(DecideApproval::reason).containsExactly("Not so.", "");
    }

    @Test
    @SuppressWarnings("NullAway") // no session is needed
    void pendingApprovalsAreCompleted() {
        ApprovalCompleter completer = new ApprovalCompleter();
        completer.subject = Screen::ada;
        completer.commands = new FakeHost().on(ListApprovals.class, list -> List.of(ASKED));
        List<String> candidates = new ArrayList<>();

        completer.complete(null, new ArgumentCommandLine("appr", 4), candidates);

        assertThat(candidates).extracting(String::strip).containsExactly("appr_1");
    }
}
