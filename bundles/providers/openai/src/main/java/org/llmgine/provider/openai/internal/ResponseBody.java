package org.llmgine.provider.openai.internal;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/**
 * Hands the bytes of an answer from the client's thread to the one that pulls.
 *
 * <p>The client is asked for no more than a few buffers ahead, so that who doesn't pull holds the back-end up. One thread pulls;
 * any may close.
 */
final class ResponseBody implements BodySubscriber<ResponseBody> {
    private static final int AHEAD = 8;
    private static final int MAX_REST_BYTES = 65_536;
    private static final long MAX_REST_MS = 2_000;

    private final CompletableFuture<ResponseBody> begun = new CompletableFuture<>();
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private final Queue<List<ByteBuffer>> arrived = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Subscription subscription;
    private volatile @Nullable Throwable failure;
    private volatile boolean ended;
    private volatile boolean closed;
    private volatile @Nullable Thread puller;
    private List<ByteBuffer> current = List.of();
    private int next;
    private int taken;
    private int rest;

    @Override
    public CompletionStage<ResponseBody> getBody() {
        return begun;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        this.subscription = subscription;
        begun.complete(this);
        subscription.request(AHEAD);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        if (closed) {
            for (ByteBuffer buffer : buffers) {
                rest += buffer.remaining();
            }
            if (rest > MAX_REST_BYTES) {
                cancel();
            }
            return;
        }
        arrived.add(buffers);
        wake();
    }

    @Override
    public void onError(Throwable failure) {
        this.failure = failure;
        end();
    }

    @Override
    public void onComplete() {
        end();
    }

    private void end() {
        ended = true;
        begun.complete(this);
        over.complete(null);
        wake();
    }

    private void wake() {
        Thread waiting = puller;
        if (waiting != null) {
            LockSupport.unpark(waiting);
        }
    }

    /**
     * Wait for the next bytes; null at the end.
     *
     * @throws LlmgineException {@code provider_error} when the connection broke, {@code cancelled} when this was closed
     */
    @Nullable ByteBuffer take() {
        while (true) {
            ByteBuffer buffer = poll();
            if (buffer != null || isAtEnd()) {
                return buffer;
            }
            if (Thread.currentThread().isInterrupted()) {
                throw cancelled();
            }
            puller = Thread.currentThread();
            // Looked at again: whoever added before this was set woke nobody.
            if (arrived.isEmpty() && !ended && !closed) {
                LockSupport.park(this);
            }
            puller = null;
        }
    }

    /** Return the next bytes if they are there. */
    @Nullable ByteBuffer poll() {
        if (closed) {
            throw cancelled();
        }
        while (next == current.size()) {
            List<ByteBuffer> buffers = arrived.poll();
            if (buffers == null) {
                return null;
            }
            current = buffers;
            next = 0;
            if (++taken == AHEAD / 2) {
                taken = 0;
                request(AHEAD / 2);
            }
        }
        return current.get(next++);
    }

    /**
     * Tell whether nothing more comes.
     *
     * @throws LlmgineException {@code provider_error} when the connection broke
     */
    boolean isAtEnd() {
        if (!ended || next < current.size() || !arrived.isEmpty()) {
            return false;
        }
        Throwable broken = failure;
        if (broken != null) {
            throw brokeOff(broken);
        }
        return true;
    }

    /** Cut the connection, and make a blocked {@link #take()} return. */
    void close() {
        closed = true;
        cancel();
        wake();
    }

    /** Let what little is left of a whole answer come, so that the connection can be used again. */
    void finish() {
        closed = true;
        arrived.clear();
        wake();
        if (!ended) {
            over.orTimeout(MAX_REST_MS, TimeUnit.MILLISECONDS).exceptionally(late -> {
                cancel();
                return null;
            });
            request(Long.MAX_VALUE);
        }
    }

    private void request(long count) {
        Subscription now = subscription;
        if (now != null) {
            now.request(count);
        }
    }

    private void cancel() {
        Subscription now = subscription;
        if (now != null) {
            now.cancel();
        }
        over.complete(null);
    }

    static LlmgineException cancelled() {
        return new LlmgineException(ErrorCode.CANCELLED, "The stream was closed.");
    }

    static LlmgineException brokeOff(@Nullable Throwable cause) {
        String message = "The back-end's answer broke off.";
        return cause == null
                ? new LlmgineException(ErrorCode.PROVIDER_ERROR, message)
                : new LlmgineException(ErrorCode.PROVIDER_ERROR, message, cause);
    }
}
