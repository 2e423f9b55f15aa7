package org.llmgine.itest.provider.scripted.internal;

import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.StreamEvent;

/** Plays beats; closing it ends a wait at once. */
final class ScriptedStream implements ModelStream {
    private static final long LOOK_MS = 20;

    private final Iterator<Script.Beat> beats;
    private final Journal journal;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean finished;

    ScriptedStream(List<Script.Beat> beats, Journal journal) {
        this.beats = beats.iterator();
        this.journal = journal;
        journal.write("open");
    }

    @Override
    public StreamEvent next() {
        Script.Beat beat = beats.next();
        boolean isClosed;
        try {
            isClosed = isClosedBefore(beat);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            isClosed = true;
        }
        if (isClosed) {
            throw new LlmgineException(ErrorCode.CANCELLED, "The stream was closed.");
        }
        StreamEvent event = beat.event().get();
        finished = event instanceof Finish;
        return event;
    }

    /** Wait until it is a beat's time, and tell whether the stream was closed meanwhile. */
    private boolean isClosedBefore(Script.Beat beat) throws InterruptedException {
        while (!Journal.isOpen(beat.gate())) {
            if (closed.await(LOOK_MS, TimeUnit.MILLISECONDS)) {
                return true;
            }
        }
        return closed.await(beat.waitMs(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        synchronized (closed) {
            if (closed.getCount() == 0) {
                return;
            }
            closed.countDown();
        }
        journal.write(finished ? "end" : "cut");
    }
}
