package org.llmgine.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jline.reader.Candidate;
import org.jline.reader.EndOfFileException;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jspecify.annotations.Nullable;
import org.llmgine.cli.Screen.Look;

/**
 * Holds a session with a person at a terminal. The session is made with the first question, so that looking around leaves
 * nothing behind.
 */
final class Conversation {
    /** What can be typed besides questions. */
    private enum Command {
        HELP("/help", "list the commands and keys"),
        MODEL("/model [NAME]", "list the models, or choose one"),
        ENGINE("/engine [NAME]", "list the engines, or choose one"),
        TOOLS("/tools [all|none|NAME…]", "list the tools, or choose those that may be used"),
        SYSTEM("/system [TEXT|-]", "show or set what the model is told first; - removes it"),
        NEW("/new", "begin a new session"),
        SESSIONS("/sessions", "list your sessions"),
        RESUME("/resume ID", "go on with another session"),
        EDIT("/edit", "change your last question and ask again"),
        RETRY("/retry", "ask your last question again"),
        USAGE("/usage", "show the tokens of this session"),
        QUIT("/quit", "leave");

        private final String usage;
        private final String does;

        Command(String usage, String does) {
            this.usage = usage;
            this.does = does;
        }

        String word() {
            return usage.split(" ", 2)[0];
        }
    }

    private static final int LISTED_SESSIONS = 20;
    private static final int LONGEST_TITLE = 60;
    private static final int FIRST_PAUSE_MS = 250;

    private final Io io;
    private final Terminal terminal;
    private final Sessions sessions;
    private final Screen screen;
    private final Input input;
    private final boolean unicode;
    private final Map<String, Object> draft;

    private String session = "";
    private volatile @Nullable AnswerView answer;

    // How long to wait before the first attempt to go on after a lost connection.
    int pauseMs = FIRST_PAUSE_MS;

    /**
     * Talk at a terminal.
     *
     * @param draft what a new session is to be: {@code engine}, {@code model}, {@code systemPrompt}
     */
    Conversation(Io io, Terminal terminal, Sessions sessions, Map<String, Object> draft) {
        this.io = io;
        this.terminal = terminal;
        this.sessions = sessions;
        this.draft = new LinkedHashMap<>(draft);
        this.screen = new Screen(terminal, io.variable("NO_COLOR", "").isEmpty());
        this.unicode = screen.moving() && !terminal.getType().equals("linux");
        this.input = new Input(terminal, Input.history(io), this::complete);
    }

    /**
     * Talk until the person leaves.
     *
     * @param resumed the session to go on with; empty for a new one
     */
    int run(String resumed) throws HostException {
        terminal.handle(Terminal.Signal.INT, _ -> {
            AnswerView running = answer;
            if (running != null) {
                running.stop();
            }
        });
        Attributes usual = terminal.getAttributes();
        Attributes quiet = new Attributes(usual);
        // What is typed while an answer comes would stand in the middle of it; it waits for the next prompt.
        quiet.setLocalFlag(Attributes.LocalFlag.ECHO, false);
        terminal.setAttributes(quiet);
        try {
            return talk(resumed);
        } finally {
            terminal.setAttributes(usual);
        }
    }

    private int talk(String resumed) throws HostException {
        sessions.list(1); // a host that can't be asked is told of before the first question is typed
        greet();
        if (!resumed.isEmpty()) {
            resume(resumed);
            if (!draft.isEmpty()) {
                sessions.change(session, draft);
            }
        }
        boolean more = true;
        while (more) {
            try {
                more = take(input.read(prompt(), ""));
            } catch (UserInterruptException e) {
                if (e.getPartialLine().isBlank()) {
                    note("Press Ctrl-D or type /quit to leave.");
                }
            } catch (EndOfFileException e) {
                more = false;
            }
        }
        if (!session.isEmpty()) {
            note("llmgine chat --session " + session + " goes on with this session.");
        }
        return ExitCode.OK;
    }

    private void greet() throws HostException {
        String version;
        try {
            version = Main.Version.number();
        } catch (IOException e) {
            throw new HostException(ExitCode.ERROR, "This program's file is damaged: " + e.getMessage());
        }
        screen.text(Look.BOLD, "LLMgine " + version);
        say(Look.PLAIN, " at " + sessions.host().address());
        note("/help lists the commands. Ctrl-C stops an answer, Ctrl-D leaves.");
    }

    private String prompt() {
        return "\n" + screen.styled(Look.BOLD, ">") + " ";
    }

    /** Do what was typed; false to leave. */
    private boolean take(String typed) {
        String line = typed.strip();
        try {
            if (line.startsWith("/") && !line.startsWith("//")) {
                return command(line);
            }
            if (!line.isEmpty()) {
                ask(Map.of("prompt", line.startsWith("//") ? line.substring(1) : line));
            }
        } catch (HostException e) {
            say(Look.BAD, String.valueOf(e.getMessage()));
            if (!session.isEmpty() && e.missing(session)) {
                forget();
            } else if (line.startsWith("/resume ")
                    && e.missing(line.substring("/resume ".length()).strip())) {
                note("/sessions lists yours.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        return true;
    }

    private boolean command(String line) throws HostException, InterruptedException {
        String[] words = line.split("\\s+", 2);
        Optional<Command> command = Stream.of(Command.values())
                .filter(c -> c.word().equals(words[0]))
                .findFirst();
        if (command.isEmpty()) {
            note("There is no command " + Text.line(words[0])
                    + "; /help lists them. A question that begins with a slash" + " is written with two.");
            return true;
        }
        String argument = words.length > 1 ? words[1].strip() : "";
        switch (command.get()) {
            case HELP -> help();
            case MODEL -> choose("model", argument, argument.isEmpty() ? models() : List.of());
            case ENGINE -> choose("engine", argument, argument.isEmpty() ? engines() : List.of());
            case TOOLS -> tools(argument);
            case SYSTEM -> system(argument);
            case NEW -> {
                session = "";
                note("The next question begins a new session.");
            }
            case SESSIONS ->
                lines(
                        ListSessionsCommand.table(sessions.list(LISTED_SESSIONS), session, screen.width()),
                        "There are no sessions yet.");
            case RESUME -> {
                if (argument.isEmpty()) {
                    note("Which one? /sessions lists them, and Tab completes.");
                } else {
                    resume(argument);
                }
            }
            case EDIT -> edit();
            case RETRY -> retry();
            case USAGE -> usage();
            case QUIT -> {
                return false;
            }
        }
        return true;
    }

    // Asking

    private void ask(Map<String, ?> question) throws HostException, InterruptedException {
        if (session.isEmpty()) {
            Map<String, Object> wanted = new LinkedHashMap<>(draft);
            String title = Text.line(Objects.toString(question.get("prompt"), ""));
            wanted.put("title", Text.cut(title, LONGEST_TITLE));
            session = Json.text(sessions.create(wanted), "id");
        }
        AnswerView view = new AnswerView(screen, unicode);
        String asked = session;
        show(view, TurnStream.start(sessions.host(), asked, question, view::lost, pauseMs));
    }

    private void show(AnswerView view, TurnStream stream) throws InterruptedException {
        String asked = session;
        answer = view;
        try {
            view.show(
                    stream,
                    () -> {
                        try {
                            sessions.cancel(asked, stream.turn());
                        } catch (HostException e) {
                            // it has ended meanwhile, or the connection's loss is told by the stream
                        }
                    },
                    event -> decide(event, view));
        } finally {
            answer = null;
        }
        if (stream.sessionGone()) {
            forget();
        }
    }

    /** Ask whether a tool call may be made; false to leave it to others. */
    private boolean decide(TurnEvent event, AnswerView view) {
        String approval = event.text("id");
        say(Look.BOLD, "The tool " + Text.line(event.text("tool")) + " needs your approval.");
        say(Look.PLAIN, Text.plain(event.text("arguments")));
        while (true) {
            try {
                String[] typed = input.ask("Make this call? [y/n, and why] > ").split("\\s+", 2);
                boolean approved = List.of("y", "yes").contains(typed[0].toLowerCase(Locale.ROOT));
                if (approved || List.of("n", "no").contains(typed[0].toLowerCase(Locale.ROOT))) {
                    sessions.decide(approval, approved, typed.length > 1 ? typed[1] : "");
                    return true;
                }
                note("y approves it, n denies it. Ctrl-C stops the answer, Ctrl-D leaves it waiting.");
            } catch (UserInterruptException e) {
                view.stop();
                return true;
            } catch (EndOfFileException e) {
                note("It waits: llmgine approvals approve " + approval + " lets it go on.");
                return false;
            } catch (HostException e) {
                // Somebody else has decided, or has to.
                say(Look.BAD, String.valueOf(e.getMessage()));
                return true;
            }
        }
    }

    private void forget() {
        session = "";
        note("A host that stops forgets its sessions. The next question begins a new one.");
    }

    private void retry() throws HostException, InterruptedException {
        Optional<?> last = lastQuestion();
        if (last.isPresent()) {
            ask(Map.of("replaces", Json.text(last.get(), "id")));
        }
    }

    private Optional<?> lastQuestion() throws HostException {
        List<?> messages = session.isEmpty() ? List.of() : Json.list(sessions.get(session), "messages");
        Optional<?> last = messages.reversed().stream()
                .filter(message -> Json.text(message, "role").equals("user"))
                .findFirst();
        if (last.isEmpty()) {
            note("Nothing was asked in this session yet.");
        }
        return last;
    }

    private void edit() throws HostException, InterruptedException {
        Optional<?> last = lastQuestion();
        if (last.isEmpty()) {
            return;
        }
        try {
            String text = input.read(prompt(), Sessions.said(last.get())).strip();
            if (!text.isEmpty()) {
                ask(Map.of("prompt", text, "replaces", Json.text(last.get(), "id")));
            }
        } catch (UserInterruptException | EndOfFileException e) {
            note("Nothing is changed.");
        }
    }

    private void resume(String id) throws HostException {
        Object found = sessions.get(id);
        session = Json.text(found, "id");
        List<?> messages = Json.list(found, "messages");
        note(Text.cut(
                Text.line("Session " + Json.text(found, "title") + " with " + Json.text(found, "model") + ", "
                        + Text.count(messages.size(), "message")),
                screen.width()));
        int begin = Math.max(0, messages.size() - 1);
        while (begin > 0 && !Json.text(messages.get(begin), "role").equals("user")) {
            begin--;
        }
        Transcript.lines(messages.subList(begin, messages.size())).forEach(line -> say(Look.PLAIN, line));
        String turn = Json.text(found, "turn");
        if (!turn.isEmpty()) {
            try {
                AnswerView view = new AnswerView(screen, unicode);
                show(view, TurnStream.follow(sessions.host(), session, turn, view::lost, pauseMs));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    // What it is asked with

    private void choose(String field, String name, List<String> names) throws HostException {
        if (!name.isEmpty()) {
            set(field, name);
            note("The next answer comes from " + field + " " + Text.line(name) + ".");
            return;
        }
        String current =
                session.isEmpty() ? Objects.toString(draft.get(field), "") : Json.text(sessions.get(session), field);
        for (String known : names) {
            screen.line((known.equals(current) ? "* " : "  ") + Text.line(known));
        }
        if (!names.contains(current)) {
            note(current.isEmpty() ? "The host chooses." : "Chosen: " + Text.line(current));
        }
    }

    private void set(String field, @Nullable Object value) throws HostException {
        if (!session.isEmpty()) {
            Map<String, @Nullable Object> change = new LinkedHashMap<>();
            change.put(field, value);
            sessions.change(session, change);
        }
        if (value == null) {
            draft.remove(field);
        } else {
            draft.put(field, value);
        }
    }

    private void tools(String argument) throws HostException {
        switch (argument) {
            case "" -> {
                Object chosen = session.isEmpty() ? draft.get("tools") : Json.at(sessions.get(session), "tools");
                Table table = new Table("", "TOOL", "DOES");
                for (Object item : Json.list(Json.read(sessions.host().get("/api/tools")), "items")) {
                    String name = Json.text(item, "tool", "name");
                    boolean usable = !(chosen instanceof List<?> only) || only.contains(name);
                    table.row(usable ? "*" : "", name, Json.text(item, "tool", "description"));
                }
                lines(table, "The host has no tools.");
            }
            case "all" -> {
                set("tools", null);
                note("All tools may be used.");
            }
            case "none" -> {
                set("tools", List.of());
                note("No tools may be used.");
            }
            default -> {
                set("tools", Arrays.asList(argument.split("[\\s,]+")));
                note("Only these tools may be used: " + Text.line(argument));
            }
        }
    }

    private void system(String argument) throws HostException {
        if (argument.isEmpty()) {
            String text = session.isEmpty()
                    ? Objects.toString(draft.get("systemPrompt"), "")
                    : Json.text(sessions.get(session), "systemPrompt");
            note(text.isEmpty() ? "There is no system prompt." : Text.plain(text));
        } else if (argument.equals("-")) {
            set("systemPrompt", "");
            note("The system prompt is taken away.");
        } else {
            set("systemPrompt", argument);
            note("The system prompt is set.");
        }
    }

    private void usage() throws HostException {
        if (session.isEmpty()) {
            note("Nothing was asked in this session yet.");
            return;
        }
        List<?> turns = Json.list(Json.read(sessions.host().get(Sessions.turns(session))), "items");
        Table table = new Table("", "TOKENS");
        table.row("turns", Integer.toString(turns.size()));
        for (String kind :
                List.of("inputTokens", "cachedInputTokens", "outputTokens", "reasoningTokens", "totalTokens")) {
            long sum = turns.stream()
                    .mapToLong(turn -> Json.number(turn, "usage", kind))
                    .sum();
            if (sum > 0) {
                table.row(kind.replaceAll("([A-Z])", " $1").toLowerCase(Locale.ROOT), Long.toString(sum));
            }
        }
        lines(table, "");
    }

    private void help() {
        for (Command command : Command.values()) {
            String line = String.format("%-24s %s", command.usage, command.does);
            screen.line(Text.width(line) <= screen.width() ? line : command.usage);
            if (Text.width(line) > screen.width()) {
                note(command.does);
            }
        }
        note("Ctrl-C stops an answer, Ctrl-D leaves, Tab completes. A question that begins with a slash is written with"
                + " two. A backslash at a line's end, or a line with ```, lets a question have several lines; pasted ones are kept"
                + " together. Up and down bring back former questions, Ctrl-R searches them; one that begins with a"
                + " space is not kept.");
    }

    private void note(String text) {
        say(Look.DIM, text);
    }

    private void say(Look look, String text) {
        screen.text(look, text + "\n");
        screen.endLine();
    }

    private void lines(Table table, String otherwise) {
        if (table.isEmpty()) {
            note(otherwise);
        } else {
            table.lines(screen.width()).forEach(screen::line);
        }
    }

    // Completion

    private List<String> models() throws HostException {
        return names(Json.list(Json.read(sessions.host().get("/v1/models")), "data"), "id").stream()
                .filter(name -> !name.startsWith("engine/"))
                .toList();
    }

    private List<String> engines() throws HostException {
        return names(Json.list(Json.read(sessions.host().get("/api/engines")), "items"), "name");
    }

    private static List<String> names(List<?> items, Object... path) {
        TreeSet<String> names = new TreeSet<>();
        items.forEach(item -> names.add(Json.text(item, path)));
        return List.copyOf(names);
    }

    private List<Candidate> complete(List<String> words) {
        if (words.size() == 1) {
            List<Candidate> candidates = new ArrayList<>();
            for (Command command : Command.values()) {
                candidates.add(candidate(command.word(), command.does));
            }
            return candidates;
        }
        try {
            return switch (words.getFirst()) {
                case "/model" -> words.size() > 2 ? List.of() : candidates(models());
                case "/engine" -> words.size() > 2 ? List.of() : candidates(engines());
                case "/tools" -> {
                    List<String> names = new ArrayList<>(List.of("all", "none"));
                    names.addAll(
                            names(Json.list(Json.read(sessions.host().get("/api/tools")), "items"), "tool", "name"));
                    yield candidates(names);
                }
                case "/resume" ->
                    words.size() > 2
                            ? List.of()
                            : sessions.list(LISTED_SESSIONS).stream()
                                    .map(item -> candidate(Json.text(item, "id"), Text.line(Json.text(item, "title"))))
                                    .toList();
                default -> List.of();
            };
        } catch (HostException e) {
            return List.of(); // what can't be asked for is typed
        }
    }

    private static List<Candidate> candidates(List<String> names) {
        return names.stream().map(Candidate::new).toList();
    }

    private static Candidate candidate(String value, String description) {
        return new Candidate(value, value, null, description.isEmpty() ? null : description, null, null, true);
    }
}
