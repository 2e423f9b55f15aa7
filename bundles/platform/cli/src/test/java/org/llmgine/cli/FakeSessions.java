package org.llmgine.cli;

import static org.llmgine.cli.ScriptedHost.answer;
import static org.llmgine.cli.ScriptedHost.send;

import com.sun.net.httpserver.HttpExchange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.llmgine.cli.ScriptedHost.Script;

/** Plays a host whose answers are set one by one: the key is a method and a path without its query. */
final class FakeSessions implements Script {
    static final String SESSION =
            "{\"id\":\"sess_1\",\"title\":\"Numbers\",\"engine\":\"tool-chat\",\"model\":\"default\",\"systemPrompt\":\"\","
                    + "\"tools\":null,\"updated\":\"2026-01-01T10:00:00Z\",\"turn\":null}";

    private final Map<String, Script> answers = new ConcurrentHashMap<>();

    FakeSessions() {
        json("GET /api/sessions", "{\"items\":[" + SESSION + "]}");
        json("POST /api/sessions", SESSION);
        json("GET /api/sessions/sess_1", SESSION.replace("\"turn\":null", "\"turn\":null,\"messages\":[]"));
        json("PATCH /api/sessions/sess_1", SESSION);
        json("GET /v1/models", "{\"data\":[{\"id\":\"default\"},{\"id\":\"offline/demo\"},{\"id\":\"engine/x\"}]}");
        json("GET /api/engines", "{\"items\":[{\"name\":\"tool-chat\"},{\"name\":\"single-pass\"}]}");
        json(
                "GET /api/tools",
                "{\"items\":[{\"name\":\"calculator\",\"tool\":{\"name\":\"calculator\",\"description\":\"Calculates.\"}},"
                        + "{\"name\":\"clock\",\"tool\":{\"name\":\"clock\",\"description\":\"Tells the time.\"}}]}");
    }

    FakeSessions json(String request, String body) {
        return on(request, answer(200, "application/json", body));
    }

    FakeSessions on(String request, Script script) {
        answers.put(request, script);
        return this;
    }

    /** Answer each turn with these events, numbered from 1. */
    FakeSessions turn(String... events) {
        return on("POST /api/sessions/sess_1/turns", events("turn_1", 1, events));
    }

    /** Send events of a turn that begin with a number. */
    static Script events(String turn, int first, String... events) {
        return exchange -> {
            begin(exchange, turn);
            for (int i = 0; i < events.length; i++) {
                send(exchange, "id: " + turn + ":" + (first + i) + "\n" + events[i]);
            }
        };
    }

    static void begin(HttpExchange exchange, String turn) throws java.io.IOException {
        exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
        exchange.getResponseHeaders().add("Content-Location", "/api/sessions/sess_1/turns/" + turn);
        exchange.sendResponseHeaders(200, 0);
    }

    static String event(String name, String data) {
        return "event: " + name + "\ndata: " + data + "\n\n";
    }

    static String delta(String text) {
        return event("delta", "{\"text\":\"" + text + "\"}");
    }

    static String done() {
        return event(
                "done",
                "{\"turn\":{\"id\":\"turn_1\",\"model\":\"offline/demo\",\"finishReason\":\"stop\",\"usage\":{\"totalTokens\":46}}}");
    }

    static String error(String code, String message) {
        return event(
                "error", "{\"code\":\"" + code + "\",\"message\":\"" + message + "\",\"turn\":{\"id\":\"turn_1\"}}");
    }

    /** Return the numbered events of an answer of so many words. */
    static List<String> words(int count) {
        List<String> events = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            events.add(delta("w" + i + " "));
        }
        events.add(done());
        return events;
    }

    @Override
    public void play(HttpExchange exchange) throws Exception {
        String request =
                exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
        Script script = answers.get(request);
        if (script == null) {
            answer(
                            404,
                            "application/problem+json",
                            "{\"detail\":\"There is no " + request + ".\",\"hint\":\"Look again.\"}")
                    .play(exchange);
        } else {
            script.play(exchange);
        }
    }
}
