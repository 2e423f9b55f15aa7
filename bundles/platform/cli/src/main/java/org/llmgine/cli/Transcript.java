package org.llmgine.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Shows stored messages as the lines of a conversation. */
final class Transcript {
    private Transcript() {}

    /** Return the messages' lines, each tool's result with its call; an empty line stands before each message. */
    static List<String> lines(List<?> messages) {
        Map<String, String> results = new HashMap<>();
        for (Object message : messages) {
            String call = Json.text(message, "toolCallId");
            if (!call.isEmpty()) {
                results.put(call, " → " + Text.line(Sessions.said(message)));
            }
        }
        List<String> lines = new ArrayList<>();
        for (Object message : messages) {
            String said = Text.plain(Sessions.said(message)).stripTrailing();
            List<?> calls = Json.list(message, "toolCalls");
            switch (Json.text(message, "role")) {
                case "user" -> lines.addAll(List.of("", "> " + said.replace("\n", "\n  ")));
                case "tool" -> {} // stands with its call
                case "assistant" -> {
                    if (!said.isEmpty() || !calls.isEmpty()) {
                        lines.add("");
                    }
                    if (!said.isEmpty()) {
                        lines.add(said);
                    }
                    for (Object call : calls) {
                        String title = Text.line(Json.text(call, "name") + " " + Json.text(call, "arguments"));
                        lines.add("[" + title + "]" + results.getOrDefault(Json.text(call, "id"), ""));
                    }
                }
                default -> lines.addAll(List.of("", Json.text(message, "role") + ": " + said));
            }
        }
        return lines;
    }
}
