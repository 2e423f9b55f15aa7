package org.llmgine.provider.offline.internal;

import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;

/** Gives events that are known, with a pause between two words. */
final class AnswerStream implements ModelStream {
    private final Iterator<StreamEvent> events;
    private final int delayMs;
    private final CountDownLatch closed = new CountDownLatch(1);
    private boolean begun;

    AnswerStream(List<StreamEvent> events, int delayMs) {
        this.events = events.iterator();
        this.delayMs = delayMs;
    }

    @Override
    public StreamEvent next() {
        if (closed.getCount() == 0 || !events.hasNext()) {
            throw new LlmgineException(ErrorCode.CANCELLED, "The stream is closed.");
        }
        StreamEvent event = events.next();
        if (event instanceof TextDelta) {
            if (begun) {
                pause();
            }
            begun = true;
        }
        return event;
    }

    @Override
    public void close() {
        closed.countDown();
    }

    private void pause() {
        try {
            if (closed.await(delayMs, TimeUnit.MILLISECONDS)) {
                throw new LlmgineException(ErrorCode.CANCELLED, "The stream was closed.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LlmgineException(ErrorCode.CANCELLED, "The stream was interrupted.", e);
        }
    }
}
