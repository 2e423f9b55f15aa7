package org.llmgine.cli;

import java.util.ArrayList;
import java.util.List;

/** Shows stored messages as the lines of a conversation. */
final class Transcript {
    private Transcript() {}

    /** Return a message's lines, of which the first is empty; none when it shows nothing. */
    static List<String> lines(Object message) {
        List<String> lines = new ArrayList<>();
        String said = Text.plain(Sessions.said(message)).stripTrailing();
        switch (Json.text(message, "role")) {
            case "user" -> lines.add("> " + said.replace("\n", "\n  "));
            case "tool" -> lines.add("  = " + Text.line(said));
            case "assistant" -> {
                if (!said.isEmpty()) {
                    lines.add(said);
                }
                for (Object call : Json.list(message, "toolCalls")) {
                    lines.add("[" + Text.line(Json.text(call, "name") + " " + Json.text(call, "arguments")) + "]");
                }
            }
            default -> lines.add(Json.text(message, "role") + ": " + said);
        }
        if (!lines.isEmpty() && !Json.text(message, "role").equals("tool")) {
            lines.addFirst("");
        }
        return lines;
    }
}
