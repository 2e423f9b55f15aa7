package org.llmgine.shell.internal;

import java.util.List;
import java.util.Optional;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.llmgine.api.Principal;
import org.llmgine.core.session.CreateSession;
import org.llmgine.core.session.SessionDraft;

/** Makes a session. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "session-create",
        description = "Make a session and print its id.",
        detailedDescription = "llmgine:chat -s ID asks in it. What isn't set is left to the host.")
public final class SessionCreateCommand extends HostCommand {
    @Option(name = "-t", aliases = "--title", description = "What you call it.")
    String title = "";

    @Option(name = "-e", aliases = "--engine", description = "The engine that runs its turns.")
    @Completion(EngineCompleter.class)
    String engine = "";

    @Option(name = "-m", aliases = "--model", description = "The model or alias.")
    @Completion(ModelCompleter.class)
    String model = "";

    @Option(name = "-p", aliases = "--system-prompt", description = "What the model is told first.")
    String systemPrompt = "";

    @Option(
            name = "--tool",
            description =
                    "A tool that its turns may use, to be given again for each further one; without it all may be.",
            multiValued = true)
    @Completion(ToolCompleter.class)
    List<String> tools = List.of();

    @Override
    void run(Principal principal) {
        SessionDraft draft = new SessionDraft(
                given(title),
                given(engine),
                given(model),
                given(systemPrompt),
                tools.isEmpty() ? Optional.empty() : Optional.of(Optional.of(tools)),
                Optional.empty());
        out.println(commands.execute(new CreateSession(principal, draft, Optional.empty()))
                .id());
    }

    private static Optional<String> given(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }
}
