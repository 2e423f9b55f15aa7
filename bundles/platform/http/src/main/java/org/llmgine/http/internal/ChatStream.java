package org.llmgine.http.internal;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.engine.TurnEmitter;
import org.llmgine.api.stream.ExtensionUpdate;
import org.llmgine.api.stream.ModelStarted;
import org.llmgine.api.stream.ReasoningDelta;
import org.llmgine.api.stream.RefusalDelta;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolCallDelta;
import org.llmgine.core.command.TurnSummary;

/** Turns a turn's events into the chunks of a streamed chat completion, sent as they come. */
final class ChatStream implements TurnEmitter {
    private final SseWriter writer;
    private final ChatExtensions extensions;
    private final ChatRequest request;
    private final Runnable onFirstEvent;
    private final String id;
    private final long created;
    private final SseBuffer buffer = new SseBuffer();
    private final BitSet begunCalls = new BitSet();
    private String model;
    private @Nullable ChatChunks chunks;
    private boolean begun;

    ChatStream(
            SseWriter writer,
            ChatExtensions extensions,
            ChatRequest request,
            String id,
            long created,
            Runnable onFirstEvent) {
        this.writer = writer;
        this.extensions = extensions;
        this.request = request;
        this.id = id;
        this.created = created;
        this.onFirstEvent = onFirstEvent;
        this.model = request.model().model();
    }

    @Override
    public void emit(StreamEvent event) {
        switch (event) {
            case TextDelta delta -> begin().content(delta.text());
            case ReasoningDelta delta -> begin().reasoning(delta.text());
            case RefusalDelta delta -> begin().refusal(delta.text());
            case ToolCallDelta delta -> {
                ChatChunks out = begin();
                boolean first = !begunCalls.get(delta.index());
                begunCalls.set(delta.index());
                out.toolCall(delta, first);
            }
            case ModelStarted started -> {
                if (!started.model().equals(model)) {
                    model = started.model();
                    chunks = null;
                }
                return;
            }
            case ExtensionUpdate update -> extension(update);
            default -> {
                return;
            }
        }
        writer.keep(buffer);
    }

    private void extension(ExtensionUpdate update) {
        byte[] fields = extensions.fields(update);
        if (fields.length == 0) {
            return;
        }
        switch (update.scope()) {
            case ExtensionUpdate.ANSWER -> begin().answerFields(fields);
            case ExtensionUpdate.CHOICE -> begin().choiceFields(fields);
            case ExtensionUpdate.MESSAGE -> begin().messageFields(fields);
            default -> {}
        }
    }

    @Override
    public void flush() {
        writer.flush();
    }

    /** Send the end of a whole answer. */
    void finish(TurnSummary summary) {
        ChatChunks out = begin();
        out.finish(summary.finishReason());
        if (request.includeUsage()) {
            summary.usage().ifPresent(out::usage);
        }
        out.done();
        writer.sendLast(buffer);
    }

    /** Send the end of an answer that failed after its headers had left. */
    void fail(byte[] error) {
        buffer.clear();
        ChatChunks.error(buffer, error);
        writer.sendLast(buffer);
    }

    /** The role goes before whatever comes first, in the same write. */
    private ChatChunks begin() {
        ChatChunks out = chunks;
        if (out == null) {
            out = new ChatChunks(buffer, id, created, model, request.includeUsage());
            chunks = out;
        }
        if (!begun) {
            begun = true;
            out.role();
            onFirstEvent.run();
        }
        return out;
    }
}
