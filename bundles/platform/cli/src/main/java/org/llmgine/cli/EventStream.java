package org.llmgine.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import org.jspecify.annotations.Nullable;

/** Reads server-sent events by the HTML standard: comments and unknown fields are skipped, data may have several lines. */
final class EventStream implements AutoCloseable {
    private final BufferedReader lines;

    EventStream(InputStream in) {
        lines = new BufferedReader(new InputStreamReader(in, UTF_8));
    }

    /** Wait for the next event and return its data; null at the end. An event that the end cuts is none. */
    @Nullable String next() throws IOException {
        StringBuilder data = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("data:")) {
                data.append(line, line.startsWith("data: ") ? 6 : 5, line.length())
                        .append('\n');
            } else if (line.equals("data")) {
                data.append('\n');
            } else if (line.isEmpty() && !data.isEmpty()) {
                return data.substring(0, data.length() - 1);
            }
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
