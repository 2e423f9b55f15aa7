package org.llmgine.shell.internal;

import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.completers.StringsCompleter;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.Principal;
import org.llmgine.core.session.Approval;
import org.llmgine.core.session.ListApprovals;
import org.llmgine.shell.internal.Table.Kind;

/** Lists approvals. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "approvals",
        description = "List the tool calls that wait for a person, the newest first; operators see everybody's.",
        detailedDescription = "llmgine:approval-approve and llmgine:approval-deny decide on one.")
public final class ApprovalsCommand extends TableCommand {
    private static final String ALL = "all";

    @Option(name = "--state", description = "In which state: pending, approved, denied, expired, cancelled or all.")
    @Completion(
            value = StringsCompleter.class,
            values = {"pending", "approved", "denied", "expired", "cancelled", ALL})
    String state = Approval.PENDING;

    @Option(name = "-s", aliases = "--session", description = "Those of one session.")
    @Completion(SessionCompleter.class)
    @Nullable String sessionId;

    @Option(name = "-n", aliases = "--limit", description = "How many at most, 1 to " + ListApprovals.MOST + ".")
    int limit = 50;

    @Override
    void run(Principal principal) {
        List<Approval> approvals = commands.execute(new ListApprovals(
                principal,
                state.equals(ALL) ? Optional.empty() : Optional.of(state),
                Optional.ofNullable(sessionId),
                Optional.empty(),
                Math.clamp(limit, 1, ListApprovals.MOST),
                Optional.empty()));
        Table table = new Table(state.equals(ALL) ? "There is no approval." : "There is no " + state + " approval.")
                .column("Id", Kind.NAME)
                .column("State", Kind.NAME)
                .column("Asked by", Kind.DETAIL)
                .column("Created", Kind.DETAIL)
                .column("Tool", Kind.NAME)
                .column("Arguments", Kind.TEXT);
        for (Approval approval : approvals) {
            table.row(
                    approval.id(),
                    approval.state(),
                    approval.askedBy().name(),
                    approval.created().truncatedTo(ChronoUnit.SECONDS),
                    approval.call().name(),
                    approval.call().arguments());
        }
        print(table);
    }
}
