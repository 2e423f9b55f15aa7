package org.llmgine.shell.internal;

import java.util.Optional;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.core.session.Approval;
import org.llmgine.core.session.ListApprovals;

/** Completes the id of a pending approval. */
@Service
public final class ApprovalCompleter extends HostCompleter {
    private static final int LATEST = 100;

    @Override
    Stream<String> names(Principal principal) {
        return commands
                .execute(new ListApprovals(
                        principal,
                        Optional.of(Approval.PENDING),
                        Optional.empty(),
                        Optional.empty(),
                        LATEST,
                        Optional.empty()))
                .stream()
                .map(Approval::id);
    }
}
