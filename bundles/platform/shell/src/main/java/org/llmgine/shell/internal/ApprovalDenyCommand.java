package org.llmgine.shell.internal;

import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

/** Denies a tool call. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "approval-deny",
        description = "Deny a tool call; the model reads who did and why.")
public final class ApprovalDenyCommand extends DecideCommand {
    /** Make the command. */
    public ApprovalDenyCommand() {
        super(false);
    }
}
