package org.llmgine.http.internal;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.message.ContentPart;
import org.llmgine.api.message.FilePart;
import org.llmgine.api.message.ImagePart;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.message.ToolCall;
import org.llmgine.core.session.HistoryEntry;

/** A message of a session's history as callers see it. */
@Schema(name = "Message")
public record MessageView(
        String id,

        @Schema(description = "the message before it") @Nullable String parent,

        @Schema(description = "the turn that added it") @Nullable String turn,

        String created,

        @Schema(description = "all messages with the same parent, this one included: the branches that begin here")
        List<String> siblings,

        String role,

        @Schema(
                types = {"string", "array"},
                description = "text, or parts in OpenAI's form")
        Object content,

        @Nullable List<CallView> toolCalls,
        @Nullable String toolCallId,
        @Nullable String reasoning,
        @Nullable String refusal) {
    static MessageView of(HistoryEntry entry) {
        Message message = entry.message();
        List<CallView> calls = message.toolCalls().stream().map(CallView::of).toList();
        return new MessageView(
                entry.id(),
                entry.parent().orElse(null),
                entry.turn().orElse(null),
                entry.created().toString(),
                entry.siblings(),
                message.role().name(),
                content(message),
                calls.isEmpty() ? null : calls,
                message.toolCallId().orElse(null),
                extension(message, Message.REASONING_CONTENT),
                extension(message, Message.REFUSAL));
    }

    /** Plain text is a string, also none. */
    private static Object content(Message message) {
        List<ContentPart> parts = message.content();
        if (parts.isEmpty()) {
            return "";
        }
        return parts.size() == 1 && parts.getFirst() instanceof TextPart text
                ? text.text()
                : parts.stream().map(MessageView::part).toList();
    }

    private static Map<String, Object> part(ContentPart part) {
        Map<String, Object> shown = new LinkedHashMap<>();
        switch (part) {
            case TextPart text -> {
                shown.put("type", "text");
                shown.put("text", text.text());
            }
            case ImagePart image -> {
                shown.put("type", "image_url");
                shown.put("image_url", Map.of("url", image.url(), "detail", image.detail()));
            }
            case FilePart file -> {
                shown.put("type", "file");
                shown.put("file", file(file));
            }
            default -> shown.put("type", part.capability());
        }
        return shown;
    }

    private static Map<String, Object> file(FilePart file) {
        Map<String, Object> shown = new LinkedHashMap<>();
        if (!file.name().isEmpty()) {
            shown.put("filename", file.name());
        }
        shown.put(file.data().startsWith("data:") ? "file_data" : "file_id", file.data());
        return shown;
    }

    private static @Nullable String extension(Message message, String name) {
        return message.extensions().get(name) instanceof String text && !text.isEmpty() ? text : null;
    }

    /** A tool that an assistant's message asks for. */
    @Schema(name = "ToolCall")
    public record CallView(String id, String name, String arguments) {
        private static CallView of(ToolCall call) {
            return new CallView(call.id(), call.name(), call.arguments());
        }
    }
}
