package org.llmgine.shell.internal;

import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.ToolCall;
import org.llmgine.core.session.GetSession;
import org.llmgine.core.session.HistoryEntry;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionHistory;

/** Shows a session with its conversation. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "session-show",
        description = "Show a session with its conversation.",
        detailedDescription = "A message that has others beside it, because it was edited, says which one it is.")
public final class SessionShowCommand extends HostCommand {
    @Argument(name = "id", description = "The session's id, as llmgine:sessions shows it.", required = true)
    @Completion(SessionCompleter.class)
    String id = "";

    @Override
    void run(Principal principal) {
        SessionHistory history = commands.execute(new GetSession(principal, id));
        Session session = history.session();
        line("Title", session.title());
        line("Owner", session.owner());
        line("Engine", session.engine());
        line("Model", session.model());
        line("Tools", session.tools().map(names -> String.join(", ", names)).orElse("all"));
        line("System", session.systemPrompt());
        line("Turn", session.turn().map(turn -> turn + " in progress").orElse(""));
        history.messages().forEach(this::show);
    }

    private void line(String name, String value) {
        if (!value.isEmpty()) {
            out.printf("%-7s %s%n", name, value);
        }
    }

    private void show(HistoryEntry entry) {
        Message message = entry.message();
        int branch = entry.siblings().indexOf(entry.id()) + 1;
        String which = entry.siblings().size() < 2
                ? ""
                : " (" + branch + " of " + entry.siblings().size() + ")";
        out.printf("%n%s%s:%n", message.role().name(), which);
        if (!message.text().isEmpty()) {
            out.println(message.text());
        }
        for (ToolCall call : message.toolCalls()) {
            out.println("[" + call.name() + " " + call.arguments() + "]");
        }
    }
}
