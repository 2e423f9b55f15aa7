package org.llmgine.provider.offline.internal;

import java.util.List;
import org.llmgine.api.message.ToolCall;

/** What the model says or, when there are calls, which tools it asks for. */
record Answer(String text, List<ToolCall> calls) {
    static Answer of(String text) {
        return new Answer(text, List.of());
    }

    static Answer of(List<ToolCall> calls) {
        return new Answer("", calls);
    }
}
