package org.llmgine.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import org.jspecify.annotations.Nullable;

/** Reads server-sent events by the HTML standard: comments and unknown fields are skipped, data may have several lines. */
final class EventStream implements AutoCloseable {
    /**
     * One event.
     *
     * @param id the last id that the stream gave; empty before one
     * @param name the event's name; empty when it has none
     * @param data the data
     */
    record Event(String id, String name, String data) {}

    private final BufferedReader lines;
    private String id = "";

    EventStream(InputStream in) {
        lines = new BufferedReader(new InputStreamReader(in, UTF_8));
    }

    /** Wait for the next event; null at the end. An event that the end cuts is none. */
    @Nullable Event next() throws IOException {
        String name = "";
        StringBuilder data = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (!line.isEmpty()) {
                int colon = line.indexOf(':');
                String value = colon < 0 ? "" : line.substring(line.startsWith(" ", colon + 1) ? colon + 2 : colon + 1);
                switch (colon < 0 ? line : line.substring(0, colon)) {
                    case "data" -> data.append(value).append('\n');
                    case "event" -> name = value;
                    case "id" -> id = value;
                    default -> {}
                }
            } else if (!data.isEmpty()) {
                return new Event(id, name, data.substring(0, data.length() - 1));
            } else {
                name = "";
            }
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
