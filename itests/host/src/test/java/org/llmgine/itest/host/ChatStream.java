package org.llmgine.itest.host;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A streamed answer that is being read. Closing it early is what a client does that leaves. */
final class ChatStream implements AutoCloseable {
    private final HttpResponse<InputStream> response;
    private final BufferedReader lines;

    ChatStream(HttpResponse<InputStream> response) {
        this.response = response;
        lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    }

    int status() {
        return response.statusCode();
    }

    Optional<String> header(String name) {
        return response.headers().firstValue(name);
    }

    /** Return the next line that isn't empty; nothing when the stream has ended or broken. */
    Optional<String> next() {
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isEmpty()) {
                    return Optional.of(line);
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    Answer readAll() {
        return readAll(delta -> {});
    }

    /** Read to the end, telling each delta as it comes. */
    Answer readAll(Consumer<String> listener) {
        List<String> deltas = new ArrayList<>();
        StringBuilder body = new StringBuilder();
        String finish = "";
        String error = "";
        boolean done = false;
        for (Optional<String> line = next(); line.isPresent(); line = next()) {
            body.append(line.get()).append('\n');
            if (!line.get().startsWith("data: ")) {
                continue;
            }
            String data = line.get().substring("data: ".length());
            if (data.equals("[DONE]")) {
                done = true;
                continue;
            }
            JsonNode chunk = Api.parse(data);
            JsonNode choice = chunk.path("choices").path(0);
            String delta = choice.path("delta").path("content").asText("");
            if (!delta.isEmpty()) {
                deltas.add(delta);
                listener.accept(delta);
            }
            finish = choice.path("finish_reason").asText(finish);
            error = chunk.path("error").path("code").asText(error);
        }
        return new Answer(status(), deltas, finish, error, done, body.toString());
    }

    @Override
    public void close() {
        try {
            response.body().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What came.
     *
     * @param status the HTTP status
     * @param deltas the pieces of text in order
     * @param finish the finish reason; empty when none came
     * @param error the code of an error event; empty when none came
     * @param done whether {@code [DONE]} came
     * @param body all lines as they came
     */
    record Answer(int status, List<String> deltas, String finish, String error, boolean done, String body) {
        String text() {
            return String.join("", deltas);
        }

        /** Tell whether the answer came to its proper end. */
        boolean isWhole() {
            return status == 200 && done && !finish.isEmpty() && error.isEmpty();
        }
    }
}
