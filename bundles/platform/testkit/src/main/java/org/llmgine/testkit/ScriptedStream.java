package org.llmgine.testkit;

import java.util.ArrayDeque;
import java.util.Deque;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolCallDelta;
import org.llmgine.api.stream.Usage;
import org.llmgine.api.stream.UsageUpdate;

/**
 * Plays a script: events, waits and failures, in the order in which they were added. Thread-safe.
 *
 * <p>A script that is played to its end fails with {@code provider_error}, as a stream does that breaks before its finish.
 */
public final class ScriptedStream implements ModelStream {
    /** What one step of the script does when it is pulled. */
    private sealed interface Step {}

    private record Give(StreamEvent event) implements Step {}

    private record Fail(RuntimeException failure) implements Step {}

    private record Wait() implements Step {}

    private final Deque<Step> script = new ArrayDeque<>();
    private boolean waiting;
    private int releases;
    private int closes;

    /** Make a whole answer: the text word by word, a token of usage for each word, and the finish {@code stop}. */
    public static ScriptedStream text(String text) {
        ScriptedStream stream = new ScriptedStream();
        String[] words = text.split("(?<= )", -1);
        for (String word : words) {
            stream.then(new TextDelta(word));
        }
        return stream.then(new UsageUpdate(new Usage(1, words.length))).then(new Finish(Finish.STOP));
    }

    /** Make a whole answer that asks for tools: each call in two pieces, a token of usage for each, and the finish. */
    public static ScriptedStream calls(ToolCall... calls) {
        ScriptedStream stream = new ScriptedStream();
        for (int i = 0; i < calls.length; i++) {
            stream.then(new ToolCallDelta(i, calls[i].id(), calls[i].name(), ""));
            stream.then(new ToolCallDelta(i, "", "", calls[i].arguments()));
        }
        return stream.then(new UsageUpdate(new Usage(1, calls.length))).then(new Finish(Finish.TOOL_CALLS));
    }

    /** Give this event next. */
    public ScriptedStream then(StreamEvent event) {
        return add(new Give(event));
    }

    /** Fail next. */
    public ScriptedStream thenFail(RuntimeException failure) {
        return add(new Fail(failure));
    }

    /** Block next, until {@link #release()} or {@link #close()}. */
    public ScriptedStream thenWait() {
        return add(new Wait());
    }

    /** Let one wait of the script go on, the one that blocks or the next one to come. */
    public synchronized void release() {
        releases++;
        notifyAll();
    }

    /** Block until another thread waits in {@link #next()}. */
    public synchronized void awaitWaiting() throws InterruptedException {
        while (!waiting) {
            wait();
        }
    }

    /** Return how often {@link #close()} was called. */
    public synchronized int closes() {
        return closes;
    }

    @Override
    public synchronized StreamEvent next() {
        while (true) {
            if (closes > 0) {
                throw new LlmgineException(ErrorCode.CANCELLED, "The stream was closed.");
            }
            switch (script.poll()) {
                case Give give -> {
                    return give.event();
                }
                case Fail fail -> throw fail.failure();
                case Wait() -> awaitRelease();
                case null -> throw new LlmgineException(ErrorCode.PROVIDER_ERROR, "The script ended without a finish.");
            }
        }
    }

    @Override
    public synchronized void close() {
        closes++;
        notifyAll();
    }

    private synchronized ScriptedStream add(Step step) {
        script.add(step);
        return this;
    }

    private synchronized void awaitRelease() {
        waiting = true;
        notifyAll();
        try {
            while (releases == 0 && closes == 0) {
                wait();
            }
            releases--;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LlmgineException(ErrorCode.CANCELLED, "The stream was interrupted.", e);
        } finally {
            waiting = false;
        }
    }
}
