package org.llmgine.provider.offline.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolCallDelta;
import org.llmgine.api.stream.Usage;
import org.llmgine.api.stream.UsageUpdate;
import org.llmgine.api.tool.ToolSpec;

/**
 * Cuts an answer into events, as far as the request lets it be told.
 *
 * <p>A token is a word: a run of characters that are no white space, with the white space that follows. A request's tokens
 * are those of its messages, of the calls in them and of its tools; an answer's are those of its text, or the name and the
 * arguments of its calls.
 */
final class AnswerEvents {
    private final List<StreamEvent> events = new ArrayList<>();
    private final int maxTokens;
    private int tokens;

    private AnswerEvents(int maxTokens) {
        this.maxTokens = maxTokens;
    }

    /** Return all events of the answer, the last being the finish. */
    static List<StreamEvent> of(ModelRequest request, Answer answer) {
        AnswerEvents cut = new AnswerEvents(request.maxTokens().orElse(Integer.MAX_VALUE));
        String finish = cut.tell(request, answer);
        cut.events.add(new UsageUpdate(new Usage(inputTokens(request), cut.tokens)));
        cut.events.add(new Finish(finish));
        return cut.events;
    }

    private String tell(ModelRequest request, Answer answer) {
        if (answer.calls().isEmpty()) {
            return words(beforeStop(answer.text(), request.stop())).allMatch(this::text) ? Finish.STOP : Finish.LENGTH;
        }
        int index = 0;
        for (ToolCall call : answer.calls()) {
            if (!call(index++, call)) {
                return Finish.LENGTH;
            }
        }
        return Finish.TOOL_CALLS;
    }

    private boolean text(String word) {
        return add(new TextDelta(word));
    }

    private boolean call(int index, ToolCall call) {
        return add(new ToolCallDelta(index, call.id(), call.name(), ""))
                && words(call.arguments()).allMatch(word -> add(new ToolCallDelta(index, "", "", word)));
    }

    private boolean add(StreamEvent event) {
        if (tokens == maxTokens) {
            return false;
        }
        tokens++;
        return events.add(event);
    }

    private static String beforeStop(String text, List<String> stops) {
        int end = stops.stream()
                .filter(stop -> !stop.isEmpty())
                .mapToInt(text::indexOf)
                .filter(at -> at >= 0)
                .min()
                .orElse(text.length());
        return text.substring(0, end);
    }

    private static long inputTokens(ModelRequest request) {
        return Stream.concat(
                        request.messages().stream().flatMap(AnswerEvents::texts),
                        request.tools().stream().flatMap(AnswerEvents::texts))
                .flatMap(AnswerEvents::words)
                .count();
    }

    private static Stream<String> texts(Message message) {
        return Stream.concat(
                Stream.of(message.text()),
                message.toolCalls().stream().flatMap(call -> Stream.of(call.name(), call.arguments())));
    }

    private static Stream<String> texts(ToolSpec tool) {
        return Stream.of(tool.name(), tool.description(), tool.parameters());
    }

    private static Stream<String> words(String text) {
        return text.isEmpty() ? Stream.empty() : Stream.of(text.split("(?<=\\s)(?=\\S)"));
    }
}
