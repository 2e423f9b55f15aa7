package org.llmgine.http.internal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.message.ContentPart;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.stream.ModelStarted;
import org.llmgine.api.stream.ReasoningDelta;
import org.llmgine.api.stream.RefusalDelta;
import org.llmgine.api.stream.StatusUpdate;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolFinished;
import org.llmgine.api.stream.ToolStarted;
import org.llmgine.api.stream.UsageUpdate;
import org.llmgine.core.session.Approval;
import org.llmgine.core.session.ApprovalDecided;
import org.llmgine.core.session.ApprovalRequired;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.TurnEnded;
import org.llmgine.core.session.TurnEvent;

/** Encodes the events of one turn; what doesn't change from event to event is bytes already. */
final class TurnEvents {
    private static final byte[] DELTA = ascii("\nevent: delta\ndata: {\"text\":\"");
    private static final byte[] REFUSAL = ascii("\nevent: delta\ndata: {\"refusal\":\"");
    private static final byte[] REASONING = ascii("\nevent: reasoning\ndata: {\"text\":\"");
    private static final byte[] STATUS = ascii("\nevent: status\ndata: {\"phase\":\"");
    private static final byte[] TOOL_CALL = ascii("\nevent: tool_call\ndata: {\"id\":\"");
    private static final byte[] TOOL_RESULT = ascii("\nevent: tool_result\ndata: {\"id\":\"");
    private static final byte[] USAGE = ascii("\nevent: usage\ndata: ");
    private static final byte[] APPROVAL_REQUIRED = ascii("\nevent: approval_required\ndata: ");
    private static final byte[] APPROVAL_DECIDED = ascii("\nevent: approval_decided\ndata: ");
    private static final byte[] SUSPENDED = ascii("\nevent: suspended\ndata: ");
    private static final byte[] DONE = ascii("\nevent: done\ndata: ");
    private static final byte[] ERROR = ascii("\nevent: error\ndata: ");
    private static final byte[] NAME = ascii("\",\"name\":\"");
    private static final byte[] TEXT = ascii("\",\"text\":\"");
    private static final byte[] TEXT_END = ascii("\"}\n\n");
    private static final byte[] EVENT_END = ascii("\n\n");

    private final Json json;
    private final SseBuffer buffer;
    private final byte[] id;

    /**
     * Prepare for a turn.
     *
     * @param buffer takes the events
     */
    TurnEvents(Json json, SseBuffer buffer, String turnId) {
        this.json = json;
        this.buffer = buffer;
        SseBuffer start = new SseBuffer().raw(ascii("id: ")).escaped(turnId).raw(ascii(":"));
        id = Arrays.copyOf(start.bytes(), start.length());
    }

    /** Add an event; one of a kind that a reader can't be shown is left out. */
    void add(TurnEvent event) {
        long seq = event.seq();
        switch (event.event()) {
            case TextDelta delta -> begin(seq, DELTA).escaped(delta.text()).raw(TEXT_END);
            case ReasoningDelta delta ->
                begin(seq, REASONING).escaped(delta.text()).raw(TEXT_END);
            case RefusalDelta delta -> begin(seq, REFUSAL).escaped(delta.text()).raw(TEXT_END);
            case StatusUpdate status ->
                begin(seq, STATUS)
                        .escaped(status.phase())
                        .raw(TEXT)
                        .escaped(status.text())
                        .raw(TEXT_END);
            case ModelStarted started ->
                begin(seq, STATUS)
                        .raw(ascii("model"))
                        .raw(TEXT)
                        .escaped(started.model() + " answers.")
                        .raw(ascii("\",\"model\":\""))
                        .escaped(started.model())
                        .raw(TEXT_END);
            case ToolStarted started -> {
                ToolCall call = started.call();
                begin(seq, TOOL_CALL)
                        .escaped(call.id())
                        .raw(NAME)
                        .escaped(call.name())
                        .raw(ascii("\",\"arguments\":\""))
                        .escaped(call.arguments())
                        .raw(TEXT_END);
            }
            case ToolFinished finished -> toolResult(seq, finished);
            case UsageUpdate update ->
                begin(seq, USAGE)
                        .raw(json.bytes(TurnView.UsageView.of(update.usage())))
                        .raw(EVENT_END);
            case ApprovalRequired required -> approval(seq, APPROVAL_REQUIRED, required.approval());
            case ApprovalDecided decided -> approval(seq, APPROVAL_DECIDED, decided.approval());
            case TurnEnded ended -> end(seq, ended.turn());
            default -> {}
        }
    }

    private SseBuffer begin(long seq, byte[] event) {
        return buffer.raw(id).number(seq).raw(event);
    }

    private void toolResult(long seq, ToolFinished finished) {
        begin(seq, TOOL_RESULT)
                .escaped(finished.call().id())
                .raw(NAME)
                .escaped(finished.call().name())
                .raw(TEXT);
        for (ContentPart part : finished.result().content()) {
            if (part instanceof TextPart text) {
                buffer.escaped(text.text());
            }
        }
        buffer.raw(ascii("\",\"isError\":" + finished.result().isError() + ",\"elapsedMs\":"))
                .number(finished.elapsed().toMillis())
                .raw(ascii("}\n\n"));
    }

    private void approval(long seq, byte[] event, Approval approval) {
        begin(seq, event).raw(json.bytes(ApprovalView.of(approval))).raw(EVENT_END);
    }

    private void end(long seq, SessionTurn ended) {
        TurnView turn = TurnView.of(ended);
        TurnView.FailureView error = turn.error();
        if (error == null) {
            begin(seq, ended.isOver() ? DONE : SUSPENDED)
                    .raw(json.bytes(new Done(turn)))
                    .raw(EVENT_END);
        } else {
            begin(seq, ERROR)
                    .raw(json.bytes(new Failed(
                            error.code(), error.message(), error.hint(), error.field(), error.retryable(), turn)))
                    .raw(EVENT_END);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private record Done(TurnView turn) {}

    private record Failed(
            String code,
            String message,
            @Nullable String hint,
            @Nullable String field,
            boolean retryable,
            TurnView turn) {}
}
