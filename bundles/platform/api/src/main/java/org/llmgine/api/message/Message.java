package org.llmgine.api.message;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Hold one message of a conversation.
 *
 * @param role who speaks
 * @param content what is said, in order; empty for an assistant's message that only calls tools
 * @param toolCalls the tools that an assistant's message asks for, in order
 * @param toolCallId the {@link ToolCall#id()} that a tool's message answers
 * @param extensions further fields that only some back-ends know, as JSON values (String, Number, Boolean, List, Map)
 */
public record Message(
        Role role,
        List<ContentPart> content,
        List<ToolCall> toolCalls,
        Optional<String> toolCallId,
        Map<String, Object> extensions) {
    /**
     * The extension that keeps the reasoning behind an assistant's message, as text. Back-ends want it back while a round of
     * tool calls is open, and as a rule at no other time: a provider knows.
     */
    public static final String REASONING_CONTENT = "reasoning_content";

    /** The extension that keeps an assistant's refusal, as text. */
    public static final String REFUSAL = "refusal";

    /** Copy the lists. */
    public Message {
        Objects.requireNonNull(role, "role");
        content = List.copyOf(content);
        toolCalls = List.copyOf(toolCalls);
        Objects.requireNonNull(toolCallId, "toolCallId");
        // Names come from callers: Map.copyOf probes linearly, so colliding ones would take quadratic time.
        extensions = Collections.unmodifiableMap(new LinkedHashMap<>(extensions));
    }

    /** Make a message of plain content. */
    public Message(Role role, List<ContentPart> content) {
        this(role, content, List.of(), Optional.empty(), Map.of());
    }

    /** Make a system message. */
    public static Message system(String text) {
        return new Message(Role.SYSTEM, List.of(new TextPart(text)));
    }

    /** Make a user's message. */
    public static Message user(String text) {
        return new Message(Role.USER, List.of(new TextPart(text)));
    }

    /** Make an assistant's message. */
    public static Message assistant(String text) {
        return assistant(text, List.of());
    }

    /** Make an assistant's message that calls tools; the text may be empty. */
    public static Message assistant(String text, List<ToolCall> toolCalls) {
        List<ContentPart> content = text.isEmpty() ? List.of() : List.of(new TextPart(text));
        return new Message(Role.ASSISTANT, content, toolCalls, Optional.empty(), Map.of());
    }

    /** Make the message that answers a tool call. */
    public static Message tool(String toolCallId, List<ContentPart> content) {
        return new Message(Role.TOOL, content, List.of(), Optional.of(toolCallId), Map.of());
    }

    /** Make the message that answers a tool call with text. */
    public static Message tool(String toolCallId, String text) {
        return tool(toolCallId, List.of(new TextPart(text)));
    }

    /** Join the text parts. */
    public String text() {
        return content.stream()
                .filter(TextPart.class::isInstance)
                .map(part -> ((TextPart) part).text())
                .collect(Collectors.joining());
    }
}
