package org.llmgine.itest.host;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What one client has read of a turn's events, over any number of connections. */
final class TurnLog {
    private final List<Event> events = new ArrayList<>();
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
    private int newlines;

    /** Read a stream to its end. */
    static TurnLog whole(InputStream in) throws IOException {
        TurnLog log = new TurnLog();
        try (in) {
            log.read(in, Integer.MAX_VALUE);
        }
        return log;
    }

    /** Read so many bytes of a connection, or to its end. */
    void read(InputStream in, int most) throws IOException {
        for (int i = 0; i < most; i++) {
            if (!readByte(in)) {
                return;
            }
        }
    }

    /** Read until the first event of that kind is there. */
    void readUntil(InputStream in, String name) throws IOException {
        while (events(name).isEmpty()) {
            if (!readByte(in)) {
                throw new EOFException("no event " + name + " among " + events);
            }
        }
    }

    /** Begin with another connection: what an event lacks is lost with the one before. */
    void cut() {
        begun.reset();
        newlines = 0;
    }

    private boolean readByte(InputStream in) throws IOException {
        int next = in.read();
        if (next < 0) {
            return false;
        }
        begun.write(next);
        newlines = next == '\n' ? newlines + 1 : 0;
        if (newlines == 2) {
            add(begun.toString(StandardCharsets.UTF_8));
            begun.reset();
        }
        return true;
    }

    private void add(String block) {
        String id = "";
        String name = "";
        String data = "";
        for (String line : block.split("\n")) {
            int colon = line.indexOf(": ");
            switch (colon < 0 ? "" : line.substring(0, colon)) {
                case "id" -> id = line.substring(colon + 2);
                case "event" -> name = line.substring(colon + 2);
                case "data" -> data = line.substring(colon + 2);
                default -> {}
            }
        }
        if (data.isEmpty()) {
            return;
        }
        Event event = new Event(id, name, Api.parse(data));
        if (!events.isEmpty() && event.seq() <= events.getLast().seq()) {
            throw new AssertionError(event + " came after " + events.getLast());
        }
        events.add(event);
    }

    List<Event> events() {
        return events;
    }

    List<Event> events(String name) {
        return events.stream().filter(event -> event.name().equals(name)).toList();
    }

    /** Return the id that a client resumes with; empty before the first event. */
    String lastId() {
        return events.isEmpty() ? "" : events.getLast().id();
    }

    Event last() {
        return events.getLast();
    }

    String text() {
        return events("delta").stream()
                .map(event -> event.data().path("text").asText())
                .collect(Collectors.joining());
    }

    /**
     * One event.
     *
     * @param id the turn's id, a colon and the event's number
     * @param name the kind
     * @param data the rest
     */
    record Event(String id, String name, JsonNode data) {
        long seq() {
            return Long.parseLong(id.substring(id.indexOf(':') + 1));
        }
    }
}
