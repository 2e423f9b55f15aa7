package org.llmgine.shell.internal;

import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.SynchronousQueue;
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
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.RefusalDelta;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolStarted;
import org.llmgine.core.Cancellation;
import org.llmgine.core.command.RunTurn;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a model and prints the answer as it comes. */
@Service
@Command(
        scope = HostCommand.SCOPE,
        name = "chat",
        description = "Ask a model and print the answer as it comes. Ctrl-C stops the answer.",
        detailedDescription =
                "Put text with quotes, brackets, $ or ; into single quotes: llmgine:chat 'What is (17*23)?'\n"
                        + "The model \"default\" answers alone; an engine such as engine/tool-chat also uses the host's tools.")
@SuppressWarnings("NullAway.Init") // the shell sets the references
public final class ChatCommand extends HostCommand {
    private static final Logger LOG = LoggerFactory.getLogger(ChatCommand.class);

    @Reference
    Session session;

    @Option(
            name = "-m",
            aliases = "--model",
            description = "The model, alias or engine to ask; llmgine:models lists them.")
    @Completion(ModelCompleter.class)
    String model = "default";

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
        ModelRequest request = ModelRequest.builder(model)
                .messages(List.of(Message.user(String.join(" ", text))))
                .build();
        Cancellation cancellation = new Cancellation();
        // Ctrl-C interrupts the command's thread. The turn has one of its own, so that it ends by its cancellation.
        Thread turn = Thread.ofVirtual().name("llmgine:chat").start(() -> turn(principal, request, cancellation));
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

    private void turn(Principal principal, ModelRequest request, Cancellation cancellation) {
        LlmgineException failure = null;
        try {
            commands.execute(new RunTurn(principal, request, event -> hand(new Step.Event(event)), cancellation));
        } catch (LlmgineException e) {
            failure = e;
        } catch (RuntimeException | Error e) {
            LOG.error("A turn broke Commands' promise to throw nothing but LlmgineException", e);
            failure = new LlmgineException(ErrorCode.INTERNAL, "The host failed.", e).withHint("Its log says why.");
        }
        hand(new Step.End(failure));
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
            case Finish finish when finish.reason().equals(Finish.LENGTH) -> note("cut at the token limit");
            case Finish finish
            when finish.reason().equals(Finish.CONTENT_FILTER) -> note("cut by the provider's content filter");
            default -> {}
        }
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
