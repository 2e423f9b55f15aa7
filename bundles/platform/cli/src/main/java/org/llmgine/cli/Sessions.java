package org.llmgine.cli;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Calls the host's sessions; what it answers stays as it came, as maps and lists. */
final class Sessions {
    private static final String PATH = "/api/sessions";

    private final Host host;

    Sessions(Host host) {
        this.host = host;
    }

    static String path(String session) {
        return PATH + "/" + Host.segment(session);
    }

    static String turns(String session) {
        return path(session) + "/turns";
    }

    static String turn(String session, String turn) {
        return turns(session) + "/" + Host.segment(turn);
    }

    Host host() {
        return host;
    }

    @Nullable Object create(Map<String, ?> draft) throws HostException {
        return Json.read(host.post(PATH, draft));
    }

    @Nullable Object get(String id) throws HostException {
        return Json.read(host.get(path(id)));
    }

    @Nullable Object change(String id, Map<String, ?> draft) throws HostException {
        return Json.read(host.patch(path(id), draft));
    }

    /** Return the caller's sessions, the last changed first. */
    List<?> list(int limit) throws HostException {
        return Json.list(Json.read(host.get(PATH + "?limit=" + limit)), "items");
    }

    /** Return the id of the session that changed last. */
    String latest() throws HostException {
        String id = Json.text(list(1), 0, "id");
        if (id.isEmpty()) {
            throw new HostException(ExitCode.ERROR, "There is no session to continue yet: llmgine chat begins one.");
        }
        return id;
    }

    /** Cancel a turn. */
    void cancel(String session, String turn) throws HostException {
        host.delete(turn(session, turn));
    }

    /** Approve or deny a tool call. */
    void decide(String approval, boolean approved, String reason) throws HostException {
        host.post(
                ApprovalsCommand.path(approval) + (approved ? "/approve" : "/deny"),
                reason.isEmpty() ? Map.of() : Map.of("reason", reason));
    }

    /** Delete a session; its turn is cancelled. */
    void delete(String session) throws HostException {
        host.delete(path(session));
    }

    /** Return what was said in a message: its text, and in a word what else it has. */
    static String said(@Nullable Object message) {
        Object content = Json.at(message, "content");
        if (content instanceof String text) {
            return text;
        }
        StringBuilder said = new StringBuilder();
        for (Object part : Json.list(content)) {
            String text = Json.text(part, "text");
            said.append(said.isEmpty() ? "" : "\n").append(text.isEmpty() ? "[" + Json.text(part, "type") + "]" : text);
        }
        return said.toString();
    }
}
