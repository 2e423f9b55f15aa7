package org.llmgine.http.internal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.llmgine.api.stream.ExtensionUpdate;

/** Encodes the fields of an answer that only its back-end knows. Those that the answer has anyway stay the host's. */
final class ChatExtensions {
    private static final Map<String, Set<String>> OWN = Map.of(
            ExtensionUpdate.ANSWER, Set.of("id", "object", "created", "model", "choices", "usage"),
            ExtensionUpdate.CHOICE, Set.of("index", "message", "delta", "finish_reason"),
            ExtensionUpdate.MESSAGE, Set.of("role", "content", "reasoning_content", "refusal", "tool_calls"));

    private final Json json;
    private final Map<String, Map<String, Object>> collected = new LinkedHashMap<>();

    ChatExtensions(Json json) {
        this.json = json;
    }

    /** Encode the fields of one update as JSON without braces; empty when nothing is left. */
    byte[] fields(ExtensionUpdate update) {
        byte[] object = json.bytes(foreign(update).fields());
        return Arrays.copyOfRange(object, 1, object.length - 1);
    }

    /** Keep an update for a whole answer. */
    void add(ExtensionUpdate update) {
        foreign(update).addTo(collected.computeIfAbsent(update.scope(), scope -> new LinkedHashMap<>()));
    }

    /** Write what was kept for a scope. */
    void write(String scope, ObjectNode node) {
        collected.getOrDefault(scope, Map.of()).forEach((name, value) -> node.set(name, json.tree(value)));
    }

    private static ExtensionUpdate foreign(ExtensionUpdate update) {
        Map<String, Object> fields = new LinkedHashMap<>(update.fields());
        fields.keySet().removeAll(OWN.getOrDefault(update.scope(), Set.of()));
        return new ExtensionUpdate(update.scope(), fields);
    }
}
