package org.llmgine.cli;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists the sessions, and has a command for each thing that can be done with one. */
@Command(
        name = "sessions",
        description = "List, show, rename and delete sessions; without a command, list them.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  llmgine sessions",
            "  llmgine sessions list --limit 5",
            "  llmgine sessions list --json | jq -r '.items[].id'",
            "",
            HostCommand.EXIT_CODES
        })
final class SessionsCommand extends ListSessionsCommand {
    SessionsCommand(Io io) {
        super(io);
    }

    /** Shows one. */
    @Command(
            name = "show",
            description = "Show a session and what was said in it.",
            footerHeading = "%nExample:%n",
            footer = {"  llmgine sessions show sess_…", "", HostCommand.EXIT_CODES})
    static final class Show extends HostCommand {
        @Parameters(paramLabel = "ID", description = "The session.")
        String id = "";

        Show(Io io) {
            super(io);
        }

        @Override
        void run(Host host) throws HostException {
            Object session = readOrPrint(host.get(Sessions.path(id)));
            if (session == null) {
                return;
            }
            String title = Json.text(session, "title");
            io.print(Text.line(Json.text(session, "id") + (title.isEmpty() ? "" : "  " + title)));
            io.print(
                    Text.line("engine " + Json.text(session, "engine") + ", model " + Json.text(session, "model") + ", "
                            + Text.count(Json.list(session, "messages").size(), "message") + ", changed "
                            + Text.ago(Json.text(session, "updated"), Instant.now())));
            String system = Json.text(session, "systemPrompt");
            if (!system.isEmpty()) {
                io.print("system: " + Text.plain(system));
            }
            print(Transcript.lines(Json.list(session, "messages")));
        }
    }

    /** Renames one. */
    @Command(
            name = "rename",
            description = "Give a session a title.",
            footerHeading = "%nExample:%n",
            footer = {"  llmgine sessions rename sess_… Plans for May", "", HostCommand.EXIT_CODES})
    static final class Rename extends HostCommand {
        @Parameters(paramLabel = "ID", index = "0", description = "The session.")
        String id = "";

        @Parameters(
                paramLabel = "TITLE",
                index = "1..*",
                arity = "1..*",
                description = "Its title; the words are joined by spaces.")
        List<String> words = List.of();

        Rename(Io io) {
            super(io);
        }

        @Override
        void run(Host host) throws HostException {
            String title = String.join(" ", words);
            if (readOrPrint(host.patch(Sessions.path(id), Map.of("title", title))) != null) {
                io.print("Renamed " + id + " to " + Text.line(title));
            }
        }
    }

    /** Deletes some. */
    @Command(
            name = "delete",
            description = "Delete sessions with all that was said in them; a turn in progress is cancelled.",
            footerHeading = "%nExample:%n",
            footer = {"  llmgine sessions delete sess_…", "", HostCommand.EXIT_CODES})
    static final class Delete extends HostCommand {
        @Parameters(paramLabel = "ID", arity = "1..*", description = "The sessions.")
        List<String> ids = List.of();

        Delete(Io io) {
            super(io);
        }

        @Override
        void run(Host host) throws HostException {
            for (String id : ids) {
                host.delete(Sessions.path(id));
                io.print(json ? Json.write(Map.of("deleted", id)) : "Deleted " + id);
            }
        }
    }
}
