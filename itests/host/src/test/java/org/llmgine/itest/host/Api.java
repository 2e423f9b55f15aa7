package org.llmgine.itest.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A client of one host with one key, as plain as can be.
 *
 * @param base the host's address
 * @param key the key; empty for none
 */
record Api(URI base, String key) {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final ObjectMapper JSON = new ObjectMapper();

    HttpResponse<String> get(String path) {
        return send(request(path).GET().build(), BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, String body) {
        return send(
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    /** Send any request with a JSON body; an empty text for none. */
    HttpResponse<String> call(String method, String path, String body) {
        return send(
                request(path)
                        .header("Content-Type", "application/json")
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    /** Send a file, and accept an answer of that type. */
    HttpResponse<String> upload(String path, Path file, String accept) {
        try {
            return send(
                    request(path)
                            .header("Content-Type", "application/java-archive")
                            .header("Accept", accept)
                            .POST(HttpRequest.BodyPublishers.ofFile(file))
                            .build(),
                    BodyHandlers.ofString());
        } catch (FileNotFoundException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Send it and return when the answer's head is there. */
    HttpResponse<InputStream> begin(String path, String body) {
        return send(
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofInputStream());
    }

    /** Read events after the one of that id; an empty text for all. */
    HttpResponse<InputStream> follow(String path, String lastEventId) {
        HttpRequest.Builder request = request(path).GET();
        if (!lastEventId.isEmpty()) {
            request.header("Last-Event-ID", lastEventId);
        }
        return send(request.build(), BodyHandlers.ofInputStream());
    }

    /** Ask for a change, with a file or none, and read its steps as they come. */
    HttpResponse<InputStream> steps(String path, @Nullable Path file) {
        try {
            return send(
                    request(path)
                            .header("Content-Type", file == null ? "application/json" : "application/java-archive")
                            .header("Accept", "text/event-stream")
                            .POST(
                                    file == null
                                            ? HttpRequest.BodyPublishers.noBody()
                                            : HttpRequest.BodyPublishers.ofFile(file))
                            .build(),
                    BodyHandlers.ofInputStream());
        } catch (FileNotFoundException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Put a setting of the host in force, given in JSON; {@code null} takes it back. */
    void set(String pid, String setting, String value) {
        HttpResponse<String> response = call("PATCH", "/api/config/" + pid, "{\"" + setting + "\":" + value + "}");
        if (response.statusCode() != 200) {
            throw new AssertionError(setting + " is refused: " + response.body());
        }
    }

    JsonNode json(String path) {
        HttpResponse<String> response = get(path);
        if (response.statusCode() != 200) {
            throw new AssertionError(path + " answered " + response.statusCode() + ": " + response.body());
        }
        return parse(response.body());
    }

    /** Find an instance among {@code providers}, {@code engines} or {@code tools}; a missing node when there is none. */
    JsonNode instance(String kind, String name) {
        for (JsonNode instance : json("/api/" + kind).path("items")) {
            if (instance.path("name").asText().equals(name)) {
                return instance;
            }
        }
        return MissingNode.getInstance();
    }

    /** Ask for a streamed answer; it returns when the headers are there. */
    ChatStream open(String model, String prompt) {
        ObjectNode body = question(model, prompt).put("stream", true);
        HttpResponse<InputStream> response = send(
                request("/v1/chat/completions")
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                        .build(),
                BodyHandlers.ofInputStream());
        return new ChatStream(response);
    }

    /** Ask and read the streamed answer to its end. */
    ChatStream.Answer ask(String model, String prompt) {
        try (ChatStream stream = open(model, prompt)) {
            return stream.readAll();
        }
    }

    /** Ask for a whole answer. */
    HttpResponse<String> askWhole(String model, String prompt) {
        return post("/v1/chat/completions", question(model, prompt).toString());
    }

    static ObjectNode question(String model, String prompt) {
        ObjectNode body = JSON.createObjectNode().put("model", model);
        body.putArray("messages").addObject().put("role", "user").put("content", prompt);
        return body;
    }

    static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException("Not JSON: " + json, e);
        }
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + path)).timeout(LIMIT);
        return key.isEmpty() ? request : request.header("Authorization", "Bearer " + key);
    }

    private static <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        try {
            return CLIENT.send(request, handler);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
