package org.llmgine.shell.internal;

import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.core.command.KeyEntry;
import org.llmgine.core.command.RevokeKey;

/** Ends an API key. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "key-revoke",
        description = "End an API key for good.",
        detailedDescription = "For admins. Requests that already run go on.")
public final class KeyRevokeCommand extends HostCommand {
    @Argument(name = "id", description = "The key's id, as llmgine:keys shows it.", required = true)
    @Completion(KeyCompleter.class)
    String id = "";

    @Override
    void run(Principal principal) {
        KeyEntry revoked = commands.execute(new RevokeKey(principal, id));
        out.println("The key " + revoked.keyId() + " (" + revoked.label() + ") of " + revoked.account()
                + " is no longer valid.");
    }
}
