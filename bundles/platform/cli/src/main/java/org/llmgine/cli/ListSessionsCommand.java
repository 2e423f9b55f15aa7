package org.llmgine.cli;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the sessions. */
@Command(
        name = "list",
        description = "List your sessions, the last changed first.",
        footerHeading = "%nExample:%n",
        footer = {"  llmgine sessions list --limit 5", "", HostCommand.EXIT_CODES})
class ListSessionsCommand extends HostCommand {
    private static final int WIDE = 100;

    @Option(
            names = {"-n", "--limit"},
            paramLabel = "N",
            defaultValue = "50",
            description = "How many at most (50).")
    int limit = 50;

    @Option(names = "--owner", paramLabel = "NAME", description = "Whose; for admins.")
    @Nullable String owner;

    ListSessionsCommand(Io io) {
        super(io);
    }

    @Override
    final void run(Host host) throws HostException {
        String whose = owner == null ? "" : "&owner=" + Host.segment(owner);
        Object answer = readOrPrint(host.get("/api/sessions?limit=" + limit + whose));
        if (answer != null) {
            print(table(Json.list(answer, "items"), "", io.width()), "There are no sessions: llmgine chat begins one.");
        }
    }

    /** Lay out sessions for so many columns; a mark shows the current one. */
    static Table table(List<?> sessions, String current, int width) {
        boolean wide = width >= WIDE;
        Table table = wide
                ? new Table("SESSION", "TITLE", "ENGINE", "MODEL", "CHANGED")
                : new Table("SESSION", "TITLE", "CHANGED");
        Instant now = Instant.now();
        for (Object session : sessions) {
            String id = Json.text(session, "id");
            String shown = id.equals(current) ? id + " *" : id;
            String title = Json.text(session, "title");
            String changed =
                    Json.text(session, "turn").isEmpty() ? Text.ago(Json.text(session, "updated"), now) : "answering";
            if (wide) {
                table.row(shown, title, Json.text(session, "engine"), Json.text(session, "model"), changed);
            } else {
                table.row(shown, title, changed);
            }
        }
        return table;
    }
}
