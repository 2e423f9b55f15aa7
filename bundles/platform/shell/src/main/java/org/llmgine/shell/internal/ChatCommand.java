package org.llmgine.shell.internal;

import java.io.PrintStream;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.SynchronousQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.Session;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.RefusalDelta;
import org.llmgine.api.stream.StatusUpdate;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolFinished;
import org.llmgine.api.stream.ToolStarted;
import org.llmgine.api.tool.ToolResult;
import org.llmgine.bus.Cancellation;
import org.llmgine.bus.HostTimer;
import org.llmgine.core.command.RunTurn;
import org.llmgine.core.session.ApprovalRequired;
import org.llmgine.core.session.CancelTurn;
import org.llmgine.core.session.FollowTurn;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.StartTurn;
import org.llmgine.core.session.TurnDraft;
import org.llmgine.core.session.TurnEnded;
import org.llmgine.core.session.TurnEvent;
import org.llmgine.core.session.TurnReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a model and prints the answer as it comes. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "chat",
        description = "Ask a model, an engine or a session and print the answer as it comes. Ctrl-C stops the answer.",
        detailedDescription =
                "Put text with quotes, brackets, $ or ; into single quotes: llmgine:chat 'What is (17*23)?'\n"
                        + "The model \"default\" answers alone; an engine such as engine/tool-chat also uses the host's tools.\n"
                        + "A session keeps the conversation; llmgine:session-create makes one.")
@SuppressWarnings("NullAway.Init") // the shell sets the references
public final class ChatCommand extends HostCommand {
    private static final String DEFAULT = "default";
    private static final String ENGINE = "engine/";

    private static final Logger LOG = LoggerFactory.getLogger(ChatCommand.class);

    @Reference
    Session session;

    @Option(
            name = "-m",
            aliases = "--model",
            description = "The model, alias or engine to ask; llmgine:models lists them.")
    @Completion(ModelCompleter.class)
    @Nullable String model;

    @Option(name = "-e", aliases = "--engine", description = "The engine to ask, on the default model.")
    @Completion(EngineCompleter.class)
    @Nullable String engine;

    @Option(name = "-s", aliases = "--session", description = "The session to go on with.")
    @Completion(SessionCompleter.class)
    @Nullable String sessionId;

    @Argument(name = "text", description = "What to ask.", required = true, multiValued = true)
    List<String> text = List.of();

    private final SynchronousQueue<Step> steps = new SynchronousQueue<>();
    private boolean midLine;

    /** What the turn's thread tells the command's thread: an event, or the end with the failure if it failed. */
    private sealed interface Step {
        record Event(StreamEvent event) implements Step {}

        record End(@Nullable LlmgineException failure) implements Step {}
    }

    @Override
    void run(Principal principal) throws InterruptedException {
        if (Stream.of(model, engine, sessionId).filter(Objects::nonNull).count() > 1) {
            throw new LlmgineException(
                            ErrorCode.INVALID_REQUEST, "Ask a model, an engine or a session, not two of them.")
                    .withHint("A session has its own engine and model.");
        }
        Cancellation cancellation = new Cancellation();
        // Ctrl-C interrupts the command's thread. The turn has one of its own, so that it ends by its cancellation.
        Thread turn = Thread.ofVirtual().name("llmgine:chat").start(() -> turn(principal, cancellation));
        boolean stopped = false;
        while (true) {
            try {
                switch (steps.take()) {
                    case Step.Event(StreamEvent event) -> {
                        if (!stopped) {
                            show(event);
                        }
                        if (nobodyReads()) {
                            cancellation.cancel();
                        }
                    }
                    case Step.End(LlmgineException failure) -> {
                        if (stopped) {
                            return; // the shell's next prompt is already there
                        }
                        endLine();
                        if (failure != null) {
                            throw failure;
                        }
                        return;
                    }
                }
            } catch (InterruptedException e) {
                cancellation.cancel();
                if (stopped) {
                    turn.interrupt();
                    throw e;
                }
                stopped = true;
            }
        }
    }

    /** Flush, and tell whether the reader has gone: the next command of a pipe, or the client of an SSH session. */
    private boolean nobodyReads() {
        boolean pipeBroke = out.checkError();
        PrintStream console = session.getConsole();
        return pipeBroke || (console != null && console.checkError());
    }

    private void turn(Principal principal, Cancellation cancellation) {
        LlmgineException failure = null;
        try {
            if (sessionId == null) {
                String asked = engine == null ? Objects.requireNonNullElse(model, DEFAULT) : ENGINE + engine;
                ModelRequest request = ModelRequest.builder(asked)
                        .messages(List.of(Message.user(prompt())))
                        .build();
                commands.execute(new RunTurn(principal, request, event -> hand(new Step.Event(event)), cancellation));
            } else {
                goOn(principal, sessionId, cancellation);
            }
        } catch (LlmgineException e) {
            failure = e;
        } catch (RuntimeException | Error e) {
            LOG.error("A turn broke Commands' promise to throw nothing but LlmgineException", e);
            failure = new LlmgineException(ErrorCode.INTERNAL, "The host failed.", e).withHint("Its log says why.");
        }
        hand(new Step.End(failure));
    }

    private String prompt() {
        return String.join(" ", text);
    }

    /** Have a session's turn and follow it: it would go on without its reader, so it must be cancelled by name. */
    private void goOn(Principal principal, String id, Cancellation cancellation) {
        TurnDraft draft = new TurnDraft(List.of(new TextPart(prompt())), Optional.empty());
        SessionTurn turn = commands.execute(new StartTurn(principal, id, draft));
        try (HostTimer.Registration cancelled = cancellation.onCancel(() -> cancel(principal, turn));
                TurnReader events = commands.execute(new FollowTurn(principal, id, turn.id(), 0))) {
            for (TurnEvent next = events.next(); next != null; next = events.next()) {
                if (next.event() instanceof TurnEnded(SessionTurn ended)
                        && ended.failure().isPresent()) {
                    throw ended.failure().get().toException();
                }
                hand(new Step.Event(next.event()));
            }
        }
    }

    private void cancel(Principal principal, SessionTurn turn) {
        // Not here: the command's thread takes what this one waits to hand over.
        Thread.ofVirtual().name("llmgine:chat-cancel").start(() -> {
            try {
                commands.execute(new CancelTurn(principal, turn.session(), turn.id()));
            } catch (LlmgineException e) {
                LOG.debug("The turn {} was not cancelled.", turn.id(), e);
            }
        });
    }

    private void hand(Step step) {
        try {
            steps.put(step);
        } catch (InterruptedException e) {
            throw new LlmgineException(ErrorCode.CANCELLED, "The shell no longer waits for the answer.", e);
        }
    }

    private void show(StreamEvent event) {
        switch (event) {
            case TextDelta delta -> print(delta.text());
            case RefusalDelta delta -> print(delta.text());
            case ToolStarted tool -> {
                endLine();
                out.println("[" + tool.call().name() + " " + tool.call().arguments() + "]");
            }
            case ToolFinished tool
            when tool.result().isError() -> note(tool.call().name() + " failed: " + text(tool.result()));
            case ApprovalRequired required ->
                note(required.approval().call().name() + " "
                        + required.approval().call().arguments() + " needs an approval: llmgine:approval-approve "
                        + required.approval().id());
            case StatusUpdate status -> note(status.text());
            case Finish finish when finish.reason().equals(Finish.LENGTH) -> note("cut at the token limit");
            case Finish finish
            when finish.reason().equals(Finish.CONTENT_FILTER) -> note("cut by the provider's content filter");
            default -> {}
        }
    }

    private static String text(ToolResult result) {
        return result.content().stream()
                .filter(TextPart.class::isInstance)
                .map(part -> ((TextPart) part).text())
                .collect(Collectors.joining(" "));
    }

    private void note(String text) {
        endLine();
        out.println("[" + text + "]");
    }

    private void print(String piece) {
        out.print(piece);
        midLine = !piece.endsWith("\n");
    }

    private void endLine() {
        if (midLine) {
            out.println();
            midLine = false;
        }
    }
}
