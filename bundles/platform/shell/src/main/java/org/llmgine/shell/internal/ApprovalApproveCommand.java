package org.llmgine.shell.internal;

import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

/** Approves a tool call. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "approval-approve",
        description = "Approve a tool call: it is made, and the turn goes on, when all its calls are decided.")
public final class ApprovalApproveCommand extends DecideCommand {
    /** Make the command. */
    public ApprovalApproveCommand() {
        super(true);
    }
}
