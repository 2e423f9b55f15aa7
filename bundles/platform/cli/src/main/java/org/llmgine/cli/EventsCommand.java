package org.llmgine.cli;

import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows what the host's parts tell each other, as it happens. */
@Command(
        name = "events",
        description = "Show the events on the host's bus as they happen, for operators, until Ctrl-C.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  llmgine events",
            "  llmgine events --topic 'llmgine/turn/*' --topic llmgine/tool/called",
            "  llmgine events --session sess_… --json | jq -r .type",
            "",
            "With --json each event is an object on a line of its own, as is what was lost:",
            "{\"lost\":12}. A reader that is too slow loses events; it never slows the host.",
            "Exit codes: 0 Ctrl-C, 1 the host's error, 2 wrong usage, 69 no host answers,",
            "77 no valid key."
        })
final class EventsCommand extends HostCommand {
    private static final int SILENCE_MS = 60_000;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");

    @Option(
            names = {"-t", "--topic"},
            paramLabel = "TOPIC",
            description = "Only events of this type, to be given again for each further one; * stands for any segment,"
                    + " as the last one for one or more.")
    List<String> topics = List.of();

    @Option(
            names = {"-s", "--session"},
            paramLabel = "ID",
            description = "Only events of this session.")
    @Nullable String session;

    @Option(
            names = {"-p", "--principal"},
            paramLabel = "NAME",
            description = "Only events that this one caused.")
    @Nullable String principal;

    private volatile boolean over;

    EventsCommand(Io io) {
        super(io);
    }

    @Override
    void run(Host host) throws HostException {
        List<String> query = new ArrayList<>();
        topics.forEach(topic -> query.add("topic=" + Host.segment(topic)));
        if (session != null) {
            query.add("session=" + Host.segment(session));
        }
        if (principal != null) {
            query.add("principal=" + Host.segment(principal));
        }
        String path = "/api/events" + (query.isEmpty() ? "" : "?" + String.join("&", query));
        // To stop is how this ends well: the process would end with 130.
        Thread stopped = new Thread(this::endWell);
        Runtime.getRuntime().addShutdownHook(stopped);
        try {
            follow(host, path);
        } finally {
            over = true;
            remove(stopped);
        }
    }

    private void endWell() {
        if (!over) {
            Runtime.getRuntime().halt(ExitCode.OK);
        }
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // it is running
        }
    }

    private void follow(Host host, String path) throws HostException {
        try (EventStream events = host.stream("GET", path, null, "", SILENCE_MS).events()) {
            for (EventStream.Event event = events.next(); event != null; event = events.next()) {
                show(event);
                if (io.out().checkError()) {
                    return; // nobody reads on
                }
            }
        } catch (IOException e) {
            throw Host.broken(e);
        }
        throw new HostException(ExitCode.ERROR, "The host ended the connection.");
    }

    private void show(EventStream.Event event) {
        Object data = Json.read(event.data());
        if (event.name().equals("lost")) {
            long count = Json.number(data, "count");
            if (json) {
                io.out().println(Json.write(Map.of("lost", count)));
            } else {
                io.err().println("llmgine: " + Text.count(count, "event") + " lost: this reader is too slow.");
            }
        } else if (json) {
            io.out().println(event.data());
        } else {
            io.out().println(cut(head(data)));
            String content = content(data);
            if (!content.isEmpty()) {
                io.out().println(cut("    " + content));
            }
        }
    }

    private static String head(@Nullable Object event) {
        return Text.line(String.join(
                " ",
                time(Json.text(event, "sent")),
                Json.text(event, "type"),
                Json.text(event, "principal"),
                Json.text(event, "session")));
    }

    @SuppressWarnings("unchecked") // names in JSON are strings
    private static String content(@Nullable Object event) {
        if (Json.at(event, "payload") instanceof Map<?, ?> fields) {
            return fields.isEmpty() ? "" : Text.plain(Json.write((Map<String, ?>) fields));
        }
        return Text.line(Json.text(event, "problem"));
    }

    /** Cut a line to the terminal's width; who wants all of it asks for JSON. */
    private String cut(String line) {
        return Text.cut(line, io.width());
    }

    private static String time(String time) {
        try {
            return TIME.format(Instant.parse(time).atZone(ZoneId.systemDefault()));
        } catch (DateTimeParseException e) {
            return time;
        }
    }
}
