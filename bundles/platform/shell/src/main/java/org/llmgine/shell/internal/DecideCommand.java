package org.llmgine.shell.internal;

import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.llmgine.api.Principal;
import org.llmgine.core.session.Approval;
import org.llmgine.core.session.DecideApproval;

/** Shares what approving and denying have in common. */
abstract class DecideCommand extends HostCommand {
    @Argument(name = "id", description = "The approval's id, as llmgine:approvals shows it.", required = true)
    @Completion(ApprovalCompleter.class)
    String id = "";

    @Option(
            name = "-r",
            aliases = "--reason",
            description = "What to say to it; a model reads why its call was denied.")
    String reason = "";

    private final boolean approved;

    DecideCommand(boolean approved) {
        this.approved = approved;
    }

    @Override
    final void run(Principal principal) {
        Approval decided = commands.execute(new DecideApproval(principal, id, approved, reason));
        out.println("The call of " + decided.call().name() + " is " + decided.state() + " (" + decided.id() + ").");
    }
}
