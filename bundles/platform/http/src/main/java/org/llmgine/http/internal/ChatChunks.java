package org.llmgine.http.internal;

import java.nio.charset.StandardCharsets;
import org.llmgine.api.stream.ToolCallDelta;
import org.llmgine.api.stream.Usage;

/** Encodes the chunks of one streamed chat completion; what doesn't change from chunk to chunk is bytes already. */
final class ChatChunks {
    private static final byte[] ROLE = ascii("\"role\":\"assistant\",\"content\":\"\"");
    private static final byte[] CONTENT = ascii("\"content\":\"");
    private static final byte[] REASONING = ascii("\"reasoning_content\":\"");
    private static final byte[] REFUSAL = ascii("\"refusal\":\"");
    private static final byte[] QUOTE = ascii("\"");
    private static final byte[] TOOL_CALL = ascii("\"tool_calls\":[{\"index\":");
    private static final byte[] TOOL_ID = ascii(",\"id\":\"");
    private static final byte[] TOOL_NAME = ascii("\",\"type\":\"function\",\"function\":{\"name\":\"");
    private static final byte[] TOOL_FIRST_ARGUMENTS = ascii("\",\"arguments\":\"");
    private static final byte[] TOOL_ARGUMENTS = ascii(",\"function\":{\"arguments\":\"");
    private static final byte[] TOOL_END = ascii("\"}}]");
    private static final byte[] DONE = ascii("data: [DONE]\n\n");
    private static final byte[] DATA = ascii("data: ");
    private static final byte[] EVENT_END = ascii("\n\n");

    private final SseBuffer buffer;
    private final byte[] head;
    private final byte[] choice = ascii("\"choices\":[{\"index\":0,\"delta\":{");
    private final byte[] tail;
    private final byte[] usageTail;

    /**
     * Prepare for a stream.
     *
     * @param buffer takes the chunks
     * @param withUsage whether every chunk has a usage field
     */
    ChatChunks(SseBuffer buffer, String id, long created, String model, boolean withUsage) {
        this.buffer = buffer;
        SseBuffer start = new SseBuffer()
                .raw(ascii("data: {\"id\":\""))
                .escaped(id)
                .raw(ascii("\",\"object\":\"chat.completion.chunk\",\"created\":" + created + ",\"model\":\""))
                .escaped(model)
                .raw(ascii("\","));
        head = java.util.Arrays.copyOf(start.bytes(), start.length());
        usageTail = ascii((withUsage ? ",\"usage\":null" : "") + "}\n\n");
        tail = ascii("},\"finish_reason\":null}]" + (withUsage ? ",\"usage\":null" : "") + "}\n\n");
    }

    void role() {
        buffer.raw(head).raw(choice).raw(ROLE).raw(tail);
    }

    void content(String text) {
        text(CONTENT, text);
    }

    void reasoning(String text) {
        text(REASONING, text);
    }

    void refusal(String text) {
        text(REFUSAL, text);
    }

    void toolCall(ToolCallDelta delta, boolean first) {
        buffer.raw(head).raw(choice).raw(TOOL_CALL).raw(ascii(Integer.toString(delta.index())));
        if (first) {
            buffer.raw(TOOL_ID)
                    .escaped(delta.id().isEmpty() ? "call_" + delta.index() : delta.id())
                    .raw(TOOL_NAME)
                    .escaped(delta.name())
                    .raw(TOOL_FIRST_ARGUMENTS);
        } else {
            buffer.raw(TOOL_ARGUMENTS);
        }
        buffer.escaped(delta.arguments()).raw(TOOL_END).raw(tail);
    }

    void finish(String reason) {
        buffer.raw(head)
                .raw(choice)
                .raw(ascii("},\"finish_reason\":\""))
                .escaped(reason)
                .raw(ascii("\"}]"))
                .raw(usageTail);
    }

    void usage(Usage usage) {
        buffer.raw(head)
                .raw(ascii(
                        "\"choices\":[],\"usage\":{\"prompt_tokens\":" + usage.inputTokens() + ",\"completion_tokens\":"
                                + usage.outputTokens() + ",\"total_tokens\":" + usage.totalTokens()
                                + ",\"prompt_tokens_details\":{\"cached_tokens\":" + usage.cachedInputTokens()
                                + "},\"completion_tokens_details\":{\"reasoning_tokens\":" + usage.reasoningTokens()
                                + "}}}\n\n"));
    }

    void done() {
        buffer.raw(DONE);
    }

    static void error(SseBuffer buffer, byte[] json) {
        buffer.raw(DATA).raw(json).raw(EVENT_END);
    }

    private void text(byte[] field, String text) {
        buffer.raw(head).raw(choice).raw(field).escaped(text).raw(QUOTE).raw(tail);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
