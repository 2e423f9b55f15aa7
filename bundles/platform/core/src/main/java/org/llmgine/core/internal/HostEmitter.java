package org.llmgine.core.internal;

import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.engine.TurnEmitter;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.ToolCallDelta;
import org.llmgine.api.stream.UsageUpdate;
import org.llmgine.bus.Cancellation;

/** Passes an engine's events to the caller and remembers that the caller has left, whatever the engine makes of it. */
final class HostEmitter implements TurnEmitter {
    private final TurnEmitter caller;
    private final boolean toolsAreTheHosts;
    private final Cancellation cancellation;
    private @Nullable LlmgineException failure;
    private @Nullable ModelStream source;

    /**
     * Make an emitter.
     *
     * @param toolsAreTheHosts whether the model's calls are the host's to answer, and so not shown to the caller as his
     */
    HostEmitter(TurnEmitter caller, boolean toolsAreTheHosts, Cancellation cancellation) {
        this.caller = caller;
        this.toolsAreTheHosts = toolsAreTheHosts;
        this.cancellation = cancellation;
    }

    @Override
    public void emit(StreamEvent event) {
        if (event instanceof Finish || event instanceof UsageUpdate) {
            // The host tells these once, for the whole turn.
            return;
        }
        cancellation.check();
        if (toolsAreTheHosts && event instanceof ToolCallDelta) {
            // The host tells of its own tools by ToolStarted and ToolFinished.
            check();
            return;
        }
        pass(event);
        ModelStream now = source;
        if (now == null || !now.isReady()) {
            flush();
        }
    }

    @Override
    public void flush() {
        check();
        try {
            caller.flush();
        } catch (RuntimeException e) {
            throw failed(e);
        }
    }

    /** Name the stream whose events come from now on; while it has the next one ready, nothing has to be flushed. */
    void follow(ModelStream stream) {
        source = stream;
    }

    /** Pass an event on that only the host may emit; the caller flushes at the turn's end. */
    void pass(StreamEvent event) {
        check();
        try {
            caller.emit(event);
        } catch (RuntimeException e) {
            throw failed(e);
        }
    }

    private LlmgineException failed(RuntimeException thrown) {
        LlmgineException reason = thrown instanceof LlmgineException known
                ? known
                : new LlmgineException(ErrorCode.CANCELLED, "The caller left.", thrown);
        failure = reason;
        return reason;
    }

    boolean failed() {
        return failure != null;
    }

    /** Throw what the caller's side threw, if it did. */
    void check() {
        LlmgineException thrown = failure;
        if (thrown != null) {
            throw thrown;
        }
    }
}
