package org.llmgine.cli;

import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows what the host logged. */
@Command(
        name = "logs",
        description = "Show what the host logged last, for operators.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  llmgine logs",
            "  llmgine logs --follow --level WARN",
            "  llmgine logs --logger org.llmgine.core --limit 20",
            "  llmgine logs --json | jq -r '.items[].message'",
            "",
            "With --follow and --json each entry is an object on a line of its own.",
            "Exit codes: 0 done, 1 the host's error, 2 wrong usage, 69 no host answers,",
            "77 no valid key, 130 Ctrl-C."
        })
final class LogsCommand extends HostCommand {
    private static final int SILENCE_MS = 60_000;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS");

    /** How much a line matters, as the host's log says it. */
    enum Level {
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE
    }

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with what it logs from now on.")
    boolean follow;

    @Option(
            names = "--level",
            paramLabel = "LEVEL",
            description = "The least level: ERROR, WARN, INFO, DEBUG or TRACE.")
    @Nullable Level level;

    @Option(names = "--logger", paramLabel = "PREFIX", description = "Only loggers whose name begins so.")
    @Nullable String logger;

    @Option(
            names = {"-n", "--limit"},
            paramLabel = "N",
            defaultValue = "100",
            description = "How many of the last entries (100).")
    int limit = 100;

    LogsCommand(Io io) {
        super(io);
    }

    @Override
    void run(Host host) throws HostException {
        String path = "/api/logs?limit=" + limit
                + (level == null ? "" : "&level=" + level)
                + (logger == null ? "" : "&logger=" + Host.segment(logger));
        if (follow) {
            follow(host, path + "&follow=true");
        } else {
            Object answer = readOrPrint(host.get(path));
            if (!json && Json.list(answer, "items").isEmpty()) {
                io.err()
                        .println(
                                level == null && logger == null
                                        ? "Nothing is logged yet."
                                        : "Nothing of that kind is logged yet.");
            }
            Json.list(answer, "items").forEach(this::show);
            io.out().flush();
        }
    }

    private void follow(Host host, String path) throws HostException {
        try (EventStream events = host.stream("GET", path, null, "", SILENCE_MS).events()) {
            for (EventStream.Event event = events.next(); event != null; event = events.next()) {
                if (json) {
                    io.out().println(event.data());
                } else {
                    show(Json.read(event.data()));
                }
                if (io.out().checkError()) {
                    return; // nobody reads on
                }
            }
        } catch (IOException e) {
            throw Host.broken(e);
        }
        throw new HostException(ExitCode.ERROR, "The host ended the connection.");
    }

    private void show(@Nullable Object entry) {
        String name = Json.text(entry, "logger");
        io.out()
                .println(Text.plain("%s %-5s %-22s %s"
                        .formatted(
                                time(Json.text(entry, "time")),
                                Json.text(entry, "level"),
                                name.substring(name.lastIndexOf('.') + 1),
                                Json.text(entry, "message"))));
        String exception = Json.text(entry, "exception");
        if (!exception.isEmpty()) {
            io.out().println("    " + Text.line(exception));
        }
    }

    private static String time(String time) {
        try {
            return TIME.format(Instant.parse(time).atZone(ZoneId.systemDefault()));
        } catch (DateTimeParseException e) {
            return time;
        }
    }
}
