package org.llmgine.bus.internal;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.SendOptions;

/**
 * One command on its way to its handler.
 *
 * @param <R> its result
 */
final class CommandRun<R> extends Context {
    private final Command<R> command;
    private final @Nullable Context parent;
    private volatile boolean running = true;
    private int attempts;
    private @Nullable HandlerEntry handler;
    private @Nullable Thread interruptible;
    private @Nullable LlmgineException expired;

    CommandRun(
            Ids ids,
            @Nullable Context parent,
            String origin,
            Command<R> command,
            SendOptions options,
            long sentMillis) {
        super(ids, parent, origin, options, sentMillis);
        this.command = command;
        this.parent = parent;
    }

    Command<R> command() {
        return command;
    }

    @Nullable Context parent() {
        return parent;
    }

    boolean isRunning() {
        return running;
    }

    @Override
    public Optional<String> cause() {
        return Optional.ofNullable(parent).map(Context::id);
    }

    @Override
    public synchronized int attempt() {
        return Math.max(1, attempts);
    }

    synchronized int attempts() {
        return attempts;
    }

    synchronized void begin(HandlerEntry by) {
        attempts++;
        handler = by;
    }

    /** Return whose handler was called last; empty when none was. */
    synchronized String handledBy() {
        return handler == null ? "" : handler.origin();
    }

    /** Let the deadline interrupt this thread from now on. */
    synchronized void interruptible() {
        interruptible = Thread.currentThread();
    }

    /** Cancel it and interrupt its thread, unless it is over. */
    void expire(LlmgineException reason) {
        synchronized (this) {
            if (interruptible == null || expired != null) {
                return;
            }
            expired = reason;
            interruptible.interrupt();
        }
        cancel(reason);
    }

    /** Be over; an interrupt by the deadline ends with it. Returns the deadline's failure, if it has passed. */
    synchronized Optional<LlmgineException> end() {
        running = false;
        if (interruptible != null) {
            interruptible = null;
            if (expired != null) {
                Thread.interrupted();
            }
        }
        return Optional.ofNullable(expired);
    }
}
