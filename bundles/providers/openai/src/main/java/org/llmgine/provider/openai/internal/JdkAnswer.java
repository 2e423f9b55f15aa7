package org.llmgine.provider.openai.internal;

import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Hands the bytes of an answer from the thread of the JDK's client to the one that pulls.
 *
 * <p>The client is asked for no more than a few buffers ahead, so that who doesn't pull holds the back-end up.
 */
final class JdkAnswer implements HttpAnswer, BodySubscriber<JdkAnswer> {
    private static final int AHEAD = 8;
    private static final int MAX_REST_BYTES = 65_536;

    private final ResponseInfo head;
    private final Duration restLimit;
    private final CompletableFuture<JdkAnswer> begun = new CompletableFuture<>();
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

    JdkAnswer(ResponseInfo head, Duration restLimit) {
        this.head = head;
        this.restLimit = restLimit;
    }

    @Override
    public int status() {
        return head.statusCode();
    }

    @Override
    public HttpHeaders headers() {
        return head.headers();
    }

    @Override
    public CompletionStage<JdkAnswer> getBody() {
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

    @Override
    public @Nullable ByteBuffer take() {
        while (true) {
            ByteBuffer buffer = poll();
            if (buffer != null || isAtEnd()) {
                return buffer;
            }
            if (Thread.currentThread().isInterrupted()) {
                throw HttpAnswer.cancelled();
            }
            puller = Thread.currentThread();
            // Looked at again: whoever added before this was set woke nobody.
            if (arrived.isEmpty() && !ended && !closed) {
                LockSupport.park(this);
            }
            puller = null;
        }
    }

    @Override
    public @Nullable ByteBuffer poll() {
        if (closed) {
            throw HttpAnswer.cancelled();
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

    @Override
    public boolean isAtEnd() {
        if (!ended || next < current.size() || !arrived.isEmpty()) {
            return false;
        }
        Throwable broken = failure;
        if (broken != null) {
            throw HttpAnswer.brokeOff(broken);
        }
        return true;
    }

    @Override
    public void close() {
        closed = true;
        cancel();
        wake();
    }

    @Override
    public void finish() {
        closed = true;
        arrived.clear();
        wake();
        if (!ended) {
            over.orTimeout(restLimit.toMillis(), TimeUnit.MILLISECONDS).exceptionally(late -> {
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
}
