package org.llmgine.itest.host;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * A session as a client uses it.
 *
 * @param api the client
 * @param id the session's id
 */
record TestSession(Api api, String id) {
    static TestSession create(Api api, String body) {
        HttpResponse<String> response = api.post("/api/sessions", body);
        if (response.statusCode() != 201) {
            throw new AssertionError(response.body());
        }
        return new TestSession(api, Api.parse(response.body()).path("id").asText());
    }

    static TestSession ofModel(Api api, String model) {
        return create(api, "{\"model\":\"" + model + "\"}");
    }

    String path() {
        return "/api/sessions/" + id;
    }

    String turns() {
        return path() + "/turns";
    }

    /** Ask, with the events streamed; it returns with the head. */
    HttpResponse<InputStream> ask(String prompt) {
        return api.begin(turns(), "{\"prompt\":\"" + prompt + "\"}");
    }

    /** Ask with any body. */
    HttpResponse<String> send(String body) {
        return api.post(turns(), body);
    }

    /** Ask and wait for the end; the answer has the turn and its messages. */
    JsonNode finish(String fields) {
        HttpResponse<String> response = send("{\"stream\":false," + fields + "}");
        if (response.statusCode() != 200) {
            throw new AssertionError(response.body());
        }
        return Api.parse(response.body());
    }

    /** Ask, leave it to itself, and return where the turn is. */
    String detach(String prompt) {
        HttpResponse<String> response = send("{\"prompt\":\"" + prompt + "\",\"detach\":true}");
        if (response.statusCode() != 202) {
            throw new AssertionError(response.body());
        }
        return response.headers().firstValue("Location").orElseThrow();
    }

    /** Return the conversation's messages. */
    List<JsonNode> messages() {
        return StreamSupport.stream(api.json(path()).path("messages").spliterator(), false)
                .toList();
    }

    /** Return what was said, without who said it. */
    List<String> texts() {
        return messages().stream()
                .map(message -> message.path("content").asText())
                .toList();
    }
}
