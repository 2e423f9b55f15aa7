package org.llmgine.shell.internal;

import java.util.Optional;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.core.session.ListSessions;
import org.llmgine.core.session.Session;

/** Completes the id of one of the caller's latest sessions. */
@Service
public final class SessionCompleter extends HostCompleter {
    private static final int LATEST = 100;

    @Override
    Stream<String> names(Principal principal) {
        return commands.execute(new ListSessions(principal, "", LATEST, Optional.empty())).stream()
                .map(Session::id);
    }
}
