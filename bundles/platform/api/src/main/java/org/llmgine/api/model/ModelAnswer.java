package org.llmgine.api.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.stream.ExtensionUpdate;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.ReasoningDelta;
import org.llmgine.api.stream.RefusalDelta;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolCallDelta;
import org.llmgine.api.stream.Usage;
import org.llmgine.api.stream.UsageUpdate;

/**
 * Hold a whole answer of a model.
 *
 * @param message the assistant's message, tool calls merged
 * @param usage the tokens of the call; {@link Usage#NONE} when the back-end doesn't tell
 * @param finishReason why the answer ended, see {@link Finish}
 */
public record ModelAnswer(Message message, Usage usage, String finishReason) {
    /** Check that all are given. */
    public ModelAnswer {
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(usage, "usage");
        Objects.requireNonNull(finishReason, "finishReason");
    }

    /**
     * Pull a stream to its end and close it, passing each event on as it comes, but for the usage and the finish: these the
     * caller finds in the answer.
     *
     * @param stream the stream; it is closed in every case
     * @param listener gets the events on the calling thread; what it throws ends the pulling
     */
    public static ModelAnswer relay(ModelStream stream, Consumer<? super StreamEvent> listener) {
        try (stream) {
            StringBuilder text = new StringBuilder();
            Extensions extensions = new Extensions();
            List<CallParts> calls = new ArrayList<>();
            Usage usage = Usage.NONE;
            while (true) {
                StreamEvent event = stream.next();
                if (event instanceof TextDelta delta) {
                    text.append(delta.text());
                } else if (event instanceof Finish finish) {
                    List<ToolCall> toolCalls =
                            calls.stream().map(CallParts::join).toList();
                    return new ModelAnswer(message(text, toolCalls, extensions), usage, finish.reason());
                } else if (event instanceof UsageUpdate update) {
                    usage = update.usage();
                    continue;
                } else if (event instanceof ToolCallDelta delta) {
                    CallParts.of(calls, delta.index()).add(delta);
                } else {
                    extensions.add(event);
                }
                listener.accept(event);
            }
        }
    }

    private static Message message(StringBuilder text, List<ToolCall> calls, Extensions extensions) {
        Message plain = Message.assistant(text.toString(), calls);
        return new Message(plain.role(), plain.content(), calls, Optional.empty(), extensions.fields());
    }

    /** Collects what of a message is neither text nor a tool call. */
    private static final class Extensions {
        private final StringBuilder reasoning = new StringBuilder();
        private final StringBuilder refusal = new StringBuilder();
        private final Map<String, Object> fields = new LinkedHashMap<>();

        void add(StreamEvent event) {
            if (event instanceof ReasoningDelta delta) {
                reasoning.append(delta.text());
            } else if (event instanceof RefusalDelta delta) {
                refusal.append(delta.text());
            } else if (event instanceof ExtensionUpdate update && update.scope().equals(ExtensionUpdate.MESSAGE)) {
                update.addTo(fields);
            }
        }

        Map<String, Object> fields() {
            if (!reasoning.isEmpty()) {
                fields.put(Message.REASONING_CONTENT, reasoning.toString());
            }
            if (!refusal.isEmpty()) {
                fields.put(Message.REFUSAL, refusal.toString());
            }
            return fields;
        }
    }

    /** Collects the pieces of one tool call. */
    private static final class CallParts {
        private final int index;
        private final StringBuilder arguments = new StringBuilder();
        private String id = "";
        private String name = "";

        private CallParts(int index) {
            this.index = index;
        }

        private static CallParts of(List<CallParts> calls, int index) {
            for (CallParts parts : calls) {
                if (parts.index == index) {
                    return parts;
                }
            }
            CallParts parts = new CallParts(index);
            calls.add(parts);
            return parts;
        }

        private void add(ToolCallDelta delta) {
            id = id.isEmpty() ? delta.id() : id;
            name = name.isEmpty() ? delta.name() : name;
            arguments.append(delta.arguments());
        }

        private ToolCall join() {
            return new ToolCall(id.isEmpty() ? "call_" + index : id, name, arguments.toString());
        }
    }
}
