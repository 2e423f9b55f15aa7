package org.llmgine.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks a model and prints the answer as it comes, or holds a conversation with a person at a terminal. */
@Command(
        name = "chat",
        description = {
            "Ask a model and print the answer as it comes.",
            "Without TEXT, at a terminal: hold a conversation."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  llmgine chat",
            "  llmgine chat \"What can you do?\"",
            "  llmgine chat -m engine/tool-chat \"What is 17*23?\"",
            "  git diff | llmgine chat \"Explain this change:\" -",
            "  llmgine chat --json \"Say hello\" | jq -r '.choices[0].message.content'",
            "  llmgine chat --continue \"And in one sentence?\"",
            "",
            "The key is LLMGINE_KEY, else cli.key in the folder LLMGINE_DATA.",
            "",
            "Exit codes: 0 answered, 1 the host's error, 2 wrong usage, 69 no host answers,",
            "77 no valid key, 130 Ctrl-C."
        })
final class ChatCommand implements Callable<Integer> {
    private static final String PATH = "/v1/chat/completions";

    private final Io io;

    @Mixin
    final HostOptions options = new HostOptions();

    @Option(
            names = {"-m", "--model"},
            paramLabel = "NAME",
            description = "A model, an alias or engine/NAME. Default: the host's own default.")
    @Nullable String model;

    @Option(
            names = {"-e", "--engine"},
            paramLabel = "NAME",
            description = "The engine that answers. Default: the host's, or none for a single question.")
    @Nullable String engine;

    @Option(names = "--system", paramLabel = "TEXT", description = "What the model is told first.")
    @Nullable String system;

    @Option(names = "--session", paramLabel = "ID", description = "Go on with this session.")
    @Nullable String session;

    @Option(
            names = {"-c", "--continue"},
            description = "Go on with the session that changed last.")
    boolean latest;

    @Option(names = "--json", description = "Print the whole answer as one JSON object when it is there.")
    boolean json;

    @Parameters(
            paramLabel = "TEXT",
            arity = "0..*",
            description =
                    "What to ask; - stands for the standard input, which is also read when there is no TEXT and no"
                            + " terminal.")
    List<String> words = List.of();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec command;

    // The host pings a stream every few seconds.
    int silenceMs = 60_000;

    // How long to wait before the first attempt to go on after a lost connection.
    int pauseMs = 250;

    Callable<Terminal> screen = ChatCommand::processTerminal;

    private final Printer printer;

    ChatCommand(Io io) {
        this.io = io;
        this.printer = new Printer(io);
    }

    @Override
    public Integer call() throws Exception {
        Host host = options.host(io);
        if (session != null && latest) {
            throw new ParameterException(command.commandLine(), "--session and --continue exclude each other.");
        }
        if (words.isEmpty() && !json && io.interactive().getAsBoolean()) {
            return converse(host);
        }
        String question = question();
        if (session != null || latest || engine != null && model != null) {
            askInSession(new Sessions(host), question);
        } else {
            askOnce(host, question);
        }
        return ExitCode.OK;
    }

    private int converse(Host host) throws Exception {
        Sessions sessions = new Sessions(host);
        String resumed = latest ? sessions.latest() : session == null ? "" : session;
        try (Terminal terminal = screen.call()) {
            // However the process ends, the terminal is left as it was found.
            Thread restore = new Thread(() -> {
                try {
                    terminal.close();
                } catch (IOException e) {
                    // nothing is left to do
                }
            });
            Runtime.getRuntime().addShutdownHook(restore);
            Conversation conversation = new Conversation(io, terminal, sessions, draft());
            conversation.pauseMs = pauseMs;
            return conversation.run(resumed);
        }
    }

    private static Terminal processTerminal() throws IOException {
        return TerminalBuilder.builder()
                .system(true)
                .providers("ffm,exec")
                .encoding(UTF_8)
                .build();
    }

    /** Return what the options say that a session is to be. */
    private Map<String, Object> draft() {
        Map<String, Object> draft = new LinkedHashMap<>();
        String runs = engine;
        if (model != null && model.startsWith("engine/")) {
            runs = model.substring("engine/".length());
        } else if (model != null) {
            draft.put("model", model);
        }
        if (runs != null) {
            draft.put("engine", runs);
        }
        if (system != null) {
            draft.put("systemPrompt", system);
        }
        return draft;
    }

    private String question() throws IOException {
        List<String> parts = new ArrayList<>();
        if (words.isEmpty() && !io.interactive().getAsBoolean()) {
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
        return new String(io.in().readAllBytes(), UTF_8);
    }

    // A question by itself

    private void askOnce(Host host, String question) throws HostException {
        List<Map<String, String>> messages = new ArrayList<>();
        if (system != null) {
            messages.add(Map.of("role", "system", "content", system));
        }
        messages.add(Map.of("role", "user", "content", question));
        String name = engine != null ? "engine/" + engine : model != null ? model : "default";
        Map<String, Object> body = Map.of("model", name, "stream", !json, "messages", messages);
        if (json) {
            io.print(host.ask(PATH, body));
        } else {
            // Ctrl-C ends the process, and the host notices.
            Runtime.getRuntime().addShutdownHook(new Thread(printer::endLine));
            printChunks(host.stream("POST", PATH, body, "", silenceMs).events());
        }
    }

    private void printChunks(EventStream stream) throws HostException {
        try (stream) {
            EventStream.Event event = stream.next();
            while (event != null && !event.data().equals("[DONE]")) {
                show(Json.read(event.data()));
                if (!printer.flush()) {
                    return;
                }
                event = stream.next();
            }
            if (event == null) {
                throw new HostException(ExitCode.ERROR, "The answer broke off: the host ended the connection early.");
            }
        } catch (SocketTimeoutException e) {
            throw Host.silent(silenceMs);
        } catch (IOException e) {
            throw Host.broken(e);
        } finally {
            printer.endLine();
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
        printer.print(Json.text(chunk, "choices", 0, "delta", "content"));
        printer.print(Json.text(chunk, "choices", 0, "delta", "refusal"));
        printer.finish(Json.text(chunk, "choices", 0, "finish_reason"));
    }

    // A question in a session

    private void askInSession(Sessions sessions, String question) throws HostException {
        Map<String, Object> draft = draft();
        boolean passing = session == null && !latest;
        String id;
        if (passing) {
            id = Json.text(sessions.create(draft), "id");
        } else {
            id = latest ? sessions.latest() : String.valueOf(session);
            if (!draft.isEmpty()) {
                sessions.change(id, draft);
            }
        }
        try (TurnStream stream =
                TurnStream.start(sessions.host(), id, Map.of("prompt", question), this::lost, pauseMs)) {
            Leaving leaving = new Leaving(sessions, id, passing, stream);
            Runtime.getRuntime().addShutdownHook(new Thread(leaving::leave));
            if (json) {
                io.print(whole(sessions, id, stream));
            } else {
                print(stream);
            }
            leaving.leave();
        } finally {
            printer.endLine();
        }
    }

    private void print(TurnStream stream) throws HostException {
        for (TurnEvent event = stream.next(); event != null; event = stream.next()) {
            show(event);
            if (!printer.flush()) {
                return;
            }
        }
    }

    /** Wait for the end, and return what the host answers with stream: false; that way only Ctrl-C knows what to cancel. */
    private String whole(Sessions sessions, String id, TurnStream stream) throws HostException {
        Map<String, @Nullable Object> whole = new LinkedHashMap<>();
        for (TurnEvent event = stream.next(); event != null; event = stream.next()) {
            check(event);
            if (event.name().equals("approval_required")) {
                asks(event);
            }
            whole.put("turn", event.turn());
        }
        whole.put(
                "messages",
                Json.list(sessions.get(id), "messages").stream()
                        .filter(message -> Json.text(message, "turn").equals(stream.turn()))
                        .toList());
        return Json.write(whole);
    }

    private void asks(TurnEvent event) {
        printer.note("The tool " + Text.line(event.text("tool")) + " needs an approval: llmgine approvals approve "
                + event.text("id"));
    }

    private static void check(TurnEvent event) throws HostException {
        if (event.name().equals("error")) {
            throw new HostException(ExitCode.ERROR, (event.text("message") + " " + event.text("hint")).strip());
        }
    }

    private void lost(int attempt) {
        if (attempt == 1) {
            printer.note("The connection is lost; trying to go on.");
        }
    }

    private void show(TurnEvent event) throws HostException {
        check(event);
        switch (event.name()) {
            case "delta" -> {
                printer.print(event.text("text"));
                printer.print(event.text("refusal"));
            }
            case "approval_required" -> asks(event);
            case "done" -> printer.finish(Json.text(event.turn(), "finishReason"));
            default -> {} // what isn't the answer
        }
    }

    /** What is tidied up once, at the end or after Ctrl-C: an answer that nobody reads on, and a session for one question. */
    private final class Leaving {
        private final Sessions sessions;
        private final String session;
        private final boolean passing;
        private final TurnStream stream;
        private final AtomicBoolean left = new AtomicBoolean();

        private Leaving(Sessions sessions, String session, boolean passing, TurnStream stream) {
            this.sessions = sessions;
            this.session = session;
            this.passing = passing;
            this.stream = stream;
        }

        private void leave() {
            printer.endLine();
            if (left.getAndSet(true)) {
                return;
            }
            try {
                if (passing) {
                    sessions.delete(session);
                } else if (stream.running()) {
                    sessions.cancel(session, stream.turn());
                }
            } catch (HostException e) {
                // it has ended meanwhile, or the host is gone
            }
        }
    }
}
