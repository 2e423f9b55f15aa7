package org.llmgine.http.internal;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeMap;
import org.llmgine.api.engine.TurnEmitter;
import org.llmgine.api.stream.ExtensionUpdate;
import org.llmgine.api.stream.ReasoningDelta;
import org.llmgine.api.stream.RefusalDelta;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolCallDelta;
import org.llmgine.api.stream.Usage;
import org.llmgine.core.command.TurnSummary;

/** Collects a turn's events into a whole chat completion. */
final class ChatAnswer implements TurnEmitter {
    private final StringBuilder content = new StringBuilder();
    private final StringBuilder reasoning = new StringBuilder();
    private final StringBuilder refusal = new StringBuilder();
    private final Map<Integer, Call> calls = new TreeMap<>();
    private final Json json;
    private final ChatExtensions extensions;

    ChatAnswer(Json json) {
        this.json = json;
        this.extensions = new ChatExtensions(json);
    }

    @Override
    public void emit(StreamEvent event) {
        switch (event) {
            case TextDelta delta -> content.append(delta.text());
            case ReasoningDelta delta -> reasoning.append(delta.text());
            case RefusalDelta delta -> refusal.append(delta.text());
            case ToolCallDelta delta ->
                calls.computeIfAbsent(delta.index(), Call::new).add(delta);
            case ExtensionUpdate update -> extensions.add(update);
            default -> {}
        }
    }

    ObjectNode toJson(String id, long created, TurnSummary summary) {
        ObjectNode root = json.object();
        root.put("id", id);
        root.put("object", "chat.completion");
        root.put("created", created);
        root.put("model", summary.model());
        ObjectNode choice = root.putArray("choices").addObject();
        choice.put("index", 0);
        ObjectNode message = choice.putObject("message");
        message.put("role", "assistant");
        message.put(
                "content", content.isEmpty() && (!calls.isEmpty() || !refusal.isEmpty()) ? null : content.toString());
        if (!reasoning.isEmpty()) {
            message.put("reasoning_content", reasoning.toString());
        }
        message.put("refusal", refusal.isEmpty() ? null : refusal.toString());
        if (!calls.isEmpty()) {
            ArrayNode array = message.putArray("tool_calls");
            calls.values().forEach(call -> call.write(array.addObject()));
        }
        extensions.write(ExtensionUpdate.MESSAGE, message);
        choice.putNull("logprobs");
        choice.put("finish_reason", summary.finishReason());
        extensions.write(ExtensionUpdate.CHOICE, choice);
        summary.usage().ifPresent(usage -> write(usage, root.putObject("usage")));
        extensions.write(ExtensionUpdate.ANSWER, root);
        return root;
    }

    private static void write(Usage usage, ObjectNode node) {
        node.put("prompt_tokens", usage.inputTokens());
        node.put("completion_tokens", usage.outputTokens());
        node.put("total_tokens", usage.totalTokens());
        node.putObject("prompt_tokens_details").put("cached_tokens", usage.cachedInputTokens());
        node.putObject("completion_tokens_details").put("reasoning_tokens", usage.reasoningTokens());
    }

    /** Collects the pieces of one tool call. */
    private static final class Call {
        private final StringBuilder arguments = new StringBuilder();
        private String id;
        private String name = "";

        Call(int index) {
            id = "call_" + index;
        }

        void add(ToolCallDelta delta) {
            id = delta.id().isEmpty() ? id : delta.id();
            name = delta.name().isEmpty() ? name : delta.name();
            arguments.append(delta.arguments());
        }

        void write(ObjectNode node) {
            node.put("id", id);
            node.put("type", "function");
            node.putObject("function").put("name", name).put("arguments", arguments.toString());
        }
    }
}
