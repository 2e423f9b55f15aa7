package org.llmgine.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks a model and prints the answer as it comes. */
@Command(
        name = "chat",
        description = "Ask a model and print the answer as it comes.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  llmgine chat \"What can you do?\"",
            "  llmgine chat -m engine/tool-chat \"What is 17*23?\"",
            "  git diff | llmgine chat \"Explain this change:\" -",
            "  llmgine chat --json \"Say hello\" | jq -r '.choices[0].message.content'",
            "",
            "The key is LLMGINE_KEY, else cli.key in the folder LLMGINE_DATA.",
            "",
            "Exit codes: 0 answered, 1 the host's error, 2 wrong usage, 69 no host answers,",
            "77 no valid key, 130 Ctrl-C."
        })
final class ChatCommand implements Callable<Integer> {
    private static final String PATH = "/v1/chat/completions";

    private final Terminal terminal;

    @Mixin
    final HostOptions options = new HostOptions();

    @Option(
            names = {"-m", "--model"},
            paramLabel = "NAME",
            defaultValue = "default",
            description = "A model, an alias or engine/NAME. Default: the host's own default.")
    String model = "default";

    @Option(names = "--json", description = "Print the whole answer as one JSON object when it is there.")
    boolean json;

    @Parameters(
            paramLabel = "TEXT",
            arity = "0..*",
            description = "What to ask; - stands for the standard input, which is also read when there is no TEXT.")
    List<String> words = List.of();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec command;

    // The host pings a stream every few seconds.
    int silenceMs = 60_000;

    private volatile boolean midLine;

    ChatCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws HostException, IOException {
        Host host = options.host(terminal);
        Map<String, ?> body = Map.of(
                "model", model, "stream", !json, "messages", List.of(Map.of("role", "user", "content", question())));
        if (json) {
            printWhole(host.post(PATH, body, "application/json", 0));
        } else {
            printPieces(host.post(PATH, body, "text/event-stream", silenceMs));
        }
        return ExitCode.OK;
    }

    private String question() throws IOException {
        List<String> parts = new ArrayList<>();
        if (words.isEmpty() && !terminal.interactive().getAsBoolean()) {
            parts.add(input());
        }
        for (String word : words) {
            parts.add(word.equals("-") ? "\n" + input() : word);
        }
        String question = String.join(" ", parts).strip();
        if (question.isEmpty()) {
            throw new ParameterException(command.commandLine(), "There is nothing to ask: give TEXT or pipe it in.");
        }
        return question;
    }

    private String input() throws IOException {
        return new String(terminal.in().readAllBytes(), UTF_8);
    }

    private void printWhole(InputStream answer) throws HostException {
        try (answer) {
            terminal.out().println(new String(answer.readAllBytes(), UTF_8).strip());
            terminal.out().flush();
        } catch (IOException e) {
            throw Host.broken(e);
        }
    }

    private void printPieces(InputStream answer) throws HostException {
        // Ctrl-C ends the process; the shell's prompt should begin on a line of its own.
        Runtime.getRuntime().addShutdownHook(new Thread(this::endLine));
        try (EventStream events = new EventStream(answer)) {
            String data = events.next();
            while (data != null && !data.equals("[DONE]")) {
                show(Json.read(data));
                if (terminal.out().checkError()) {
                    return; // nobody reads on, as behind "| head"
                }
                data = events.next();
            }
            if (data == null) {
                throw new HostException(ExitCode.ERROR, "The answer broke off: the host ended the connection early.");
            }
        } catch (SocketTimeoutException e) {
            throw new HostException(
                    ExitCode.ERROR, "The answer broke off: the host was silent for " + silenceMs / 1000 + " s.");
        } catch (IOException e) {
            throw Host.broken(e);
        } finally {
            endLine();
        }
    }

    private void show(@Nullable Object chunk) throws HostException {
        if (chunk == null) {
            throw new HostException(ExitCode.ERROR, "The answer broke off: the host sent an event that is no JSON.");
        }
        String error = Json.text(chunk, "error", "message");
        if (!error.isEmpty()) {
            throw new HostException(ExitCode.ERROR, error);
        }
        print(Json.text(chunk, "choices", 0, "delta", "content"));
        print(Json.text(chunk, "choices", 0, "delta", "refusal"));
        switch (Json.text(chunk, "choices", 0, "finish_reason")) {
            case "length" -> note("The answer is cut at the token limit.");
            case "content_filter" -> note("The answer is cut by the provider's content filter.");
            default -> {}
        }
    }

    private void print(String piece) {
        if (!piece.isEmpty()) {
            terminal.out().print(piece);
            midLine = !piece.endsWith("\n");
        }
    }

    private void note(String text) {
        endLine();
        terminal.err().println("llmgine: " + text);
    }

    private void endLine() {
        if (midLine) {
            midLine = false;
            terminal.out().println();
            terminal.out().flush();
        }
    }
}
