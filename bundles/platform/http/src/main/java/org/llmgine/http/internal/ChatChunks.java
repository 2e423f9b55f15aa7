package org.llmgine.http.internal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.llmgine.api.stream.ToolCallDelta;
import org.llmgine.api.stream.Usage;

/** Encodes the chunks of one streamed chat completion; what doesn't change from chunk to chunk is bytes already. */
final class ChatChunks {
    private static final byte[] DELTA = ascii("\"choices\":[{\"index\":0,\"delta\":{");
    private static final byte[] ROLE = ascii("\"role\":\"assistant\",\"content\":\"\"");
    private static final byte[] CONTENT = ascii("\"content\":\"");
    private static final byte[] REASONING = ascii("\"reasoning_content\":\"");
    private static final byte[] REFUSAL = ascii("\"refusal\":\"");
    private static final byte[] TOOL_CALL = ascii("\"tool_calls\":[{\"index\":");
    private static final byte[] TOOL_ID = ascii(",\"id\":\"");
    private static final byte[] TOOL_NAME = ascii("\",\"type\":\"function\",\"function\":{\"name\":\"");
    private static final byte[] TOOL_FIRST_ARGUMENTS = ascii("\",\"arguments\":\"");
    private static final byte[] TOOL_ARGUMENTS = ascii(",\"function\":{\"arguments\":\"");
    private static final byte[] TOOL_END = ascii("\"}}]");
    private static final byte[] OPEN_CHOICE = ascii("},\"finish_reason\":null");
    private static final byte[] CHOICE_END = ascii("}]");
    private static final byte[] COMMA = ascii(",");
    private static final byte[] DONE = ascii("data: [DONE]\n\n");
    private static final byte[] DATA = ascii("data: ");
    private static final byte[] EVENT_END = ascii("\n\n");

    private final SseBuffer buffer;
    private final byte[] head;
    private final byte[] delta;
    private final byte[] content;
    private final byte[] reasoning;
    private final byte[] refusal;
    private final byte[] textEnd;
    private final byte[] tail;
    private final byte[] choiceTail;
    private final byte[] usageTail;

    /**
     * Prepare for a stream.
     *
     * @param buffer takes the chunks
     * @param withUsage whether every chunk has a usage field
     */
    ChatChunks(SseBuffer buffer, String id, long created, String model, boolean withUsage) {
        this.buffer = buffer;
        head = bytes(new SseBuffer()
                .raw(ascii("data: {\"id\":\""))
                .escaped(id)
                .raw(ascii("\",\"object\":\"chat.completion.chunk\",\"created\":" + created + ",\"model\":\""))
                .escaped(model)
                .raw(ascii("\",")));
        delta = joined(head, DELTA);
        content = joined(delta, CONTENT);
        reasoning = joined(delta, REASONING);
        refusal = joined(delta, REFUSAL);
        usageTail = ascii((withUsage ? ",\"usage\":null" : "") + "}\n\n");
        choiceTail = joined(CHOICE_END, usageTail);
        tail = joined(OPEN_CHOICE, choiceTail);
        textEnd = joined(ascii("\""), tail);
    }

    void role() {
        buffer.raw(delta).raw(ROLE).raw(tail);
    }

    void content(String text) {
        buffer.raw(content).escaped(text).raw(textEnd);
    }

    void reasoning(String text) {
        buffer.raw(reasoning).escaped(text).raw(textEnd);
    }

    void refusal(String text) {
        buffer.raw(refusal).escaped(text).raw(textEnd);
    }

    void toolCall(ToolCallDelta call, boolean first) {
        buffer.raw(delta).raw(TOOL_CALL).raw(ascii(Integer.toString(call.index())));
        if (first) {
            buffer.raw(TOOL_ID)
                    .escaped(call.id().isEmpty() ? "call_" + call.index() : call.id())
                    .raw(TOOL_NAME)
                    .escaped(call.name())
                    .raw(TOOL_FIRST_ARGUMENTS);
        } else {
            buffer.raw(TOOL_ARGUMENTS);
        }
        buffer.escaped(call.arguments()).raw(TOOL_END).raw(tail);
    }

    /** Write fields of the answer itself, as JSON without braces. */
    void answerFields(byte[] fields) {
        buffer.raw(delta)
                .raw(OPEN_CHOICE)
                .raw(CHOICE_END)
                .raw(COMMA)
                .raw(fields)
                .raw(usageTail);
    }

    /** Write fields of the choice, as JSON without braces. */
    void choiceFields(byte[] fields) {
        buffer.raw(delta).raw(OPEN_CHOICE).raw(COMMA).raw(fields).raw(choiceTail);
    }

    /** Write fields of the delta, as JSON without braces. */
    void messageFields(byte[] fields) {
        buffer.raw(delta).raw(fields).raw(tail);
    }

    void finish(String reason) {
        buffer.raw(delta)
                .raw(ascii("},\"finish_reason\":\""))
                .escaped(reason)
                .raw(ascii("\""))
                .raw(choiceTail);
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

    private static byte[] joined(byte[] start, byte[] end) {
        return bytes(new SseBuffer().raw(start).raw(end));
    }

    private static byte[] bytes(SseBuffer buffer) {
        return Arrays.copyOf(buffer.bytes(), buffer.length());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
