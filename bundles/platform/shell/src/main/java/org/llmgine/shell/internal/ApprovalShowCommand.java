package org.llmgine.shell.internal;

import java.time.Instant;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.core.session.Approval;
import org.llmgine.core.session.GetApproval;

/** Shows an approval. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "approval-show",
        description = "Show an approval: the call with its arguments, who asked, who decided.")
public final class ApprovalShowCommand extends HostCommand {
    @Argument(name = "id", description = "The approval's id, as llmgine:approvals shows it.", required = true)
    @Completion(ApprovalCompleter.class)
    String id = "";

    @Override
    void run(Principal principal) {
        Approval approval = commands.execute(new GetApproval(principal, id));
        line("State", approval.state());
        line("Tool", approval.call().name());
        line("Arguments", approval.call().arguments());
        line("Asked by", approval.askedBy().name());
        line("Session", approval.session());
        line("Turn", approval.turn());
        line("Created", approval.created().toString());
        line("Expires", approval.isPending() ? approval.expires().toString() : "");
        line("Decided", approval.decided().map(Instant::toString).orElse(""));
        line("By", approval.decidedBy().orElse(""));
        line("Reason", approval.reason());
    }

    private void line(String name, String value) {
        if (!value.isEmpty()) {
            out.printf("%-9s %s%n", name, value);
        }
    }
}
