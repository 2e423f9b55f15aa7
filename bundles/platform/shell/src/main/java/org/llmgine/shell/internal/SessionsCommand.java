package org.llmgine.shell.internal;

import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.core.session.ListSessions;
import org.llmgine.core.session.Session;
import org.llmgine.shell.internal.Table.Kind;

/** Lists sessions. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "sessions",
        description = "List your sessions, the last changed first.",
        detailedDescription = "llmgine:chat -s ID goes on with one, llmgine:session-create makes one.")
public final class SessionsCommand extends TableCommand {
    @Option(name = "-n", aliases = "--limit", description = "How many at most, 1 to " + ListSessions.MOST + ".")
    int limit = 50;

    @Option(name = "-o", aliases = "--owner", description = "Whose; for admins.")
    String owner = "";

    @Override
    void run(Principal principal) {
        int most = Math.clamp(limit, 1, ListSessions.MOST);
        List<Session> sessions = commands.execute(new ListSessions(principal, owner, most, Optional.empty()));
        Table table = new Table("There is no session.")
                .column("Id", Kind.NAME)
                .column("Changed", Kind.NAME)
                .column("Engine", Kind.DETAIL)
                .column("Model", Kind.DETAIL)
                .column("Turn", Kind.DETAIL)
                .column("Title", Kind.TEXT);
        for (Session session : sessions) {
            table.row(
                    session.id(),
                    session.updated().truncatedTo(ChronoUnit.SECONDS),
                    session.engine(),
                    session.model(),
                    session.turn().isPresent() ? "in progress" : "",
                    session.title());
        }
        print(table);
    }
}
