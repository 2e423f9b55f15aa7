package org.llmgine.testkit;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.llmgine.api.engine.TurnEmitter;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;

/** Keeps what it is given. */
public final class RecordingEmitter implements TurnEmitter {
    private final List<StreamEvent> events = new CopyOnWriteArrayList<>();

    @Override
    public void emit(StreamEvent event) {
        events.add(event);
    }

    /** Return the events so far, in order. */
    public List<StreamEvent> events() {
        return List.copyOf(events);
    }

    /** Return the events of one type, in order. */
    public <E extends StreamEvent> List<E> events(Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** Return the text deltas joined. */
    public String text() {
        StringBuilder text = new StringBuilder();
        events(TextDelta.class).forEach(delta -> text.append(delta.text()));
        return text.toString();
    }
}
