package org.llmgine.shell.internal;

import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.core.session.DeleteSession;
import org.llmgine.core.session.Session;

/** Removes a session. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "session-delete",
        description = "Remove a session with its conversation.",
        detailedDescription = "A turn that is in progress is ended.")
public final class SessionDeleteCommand extends HostCommand {
    @Argument(name = "id", description = "The session's id, as llmgine:sessions shows it.", required = true)
    @Completion(SessionCompleter.class)
    String id = "";

    @Override
    void run(Principal principal) {
        Session deleted = commands.execute(new DeleteSession(principal, id));
        out.println("The session " + deleted.id() + (deleted.title().isEmpty() ? "" : " (" + deleted.title() + ")")
                + " is gone.");
    }
}
