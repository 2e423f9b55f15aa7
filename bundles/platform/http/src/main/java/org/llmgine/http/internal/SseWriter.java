package org.llmgine.http.internal;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.core.Cancellation;
import org.llmgine.core.HostTimer;

/**
 * Writes one event stream on the servlet's own stream, on the thread that has the events.
 *
 * <p>Status and headers leave with the first bytes, be they an event or the heartbeat's ping. Every send is one write and one
 * flush. A write that fails, the ping's too, cancels the work: the reader has left. One that blocks, because the reader
 * doesn't read, is ended by the connector's idle time-out.
 */
final class SseWriter implements AutoCloseable {
    private static final byte[] PING = ": ping\n\n".getBytes(StandardCharsets.US_ASCII);

    private final HttpServletResponse response;
    private final Cancellation cancellation;
    private final HostTimer.Registration heartbeat;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile long lastWrite = System.nanoTime();
    private @Nullable OutputStream out;
    private boolean closed;

    SseWriter(HttpServletResponse response, Cancellation cancellation, HostTimer timer, Duration heartbeat) {
        this.response = response;
        this.cancellation = cancellation;
        long nanos = heartbeat.toNanos();
        this.heartbeat = timer.watch(new HostTimer.Watch() {
            @Override
            public boolean isDue(long nanoTime) {
                return nanoTime - lastWrite >= nanos;
            }

            @Override
            public void act() {
                ping();
            }
        });
    }

    /**
     * Send what the buffer holds and clear it.
     *
     * @throws LlmgineException with {@code cancelled} when the reader has left
     */
    void send(SseBuffer buffer) {
        lock.lock();
        try {
            cancellation.check();
            write(buffer.bytes(), buffer.length());
        } catch (IOException e) {
            cancellation.cancel();
            throw new LlmgineException(ErrorCode.CANCELLED, "The caller left.", e);
        } finally {
            lock.unlock();
        }
        buffer.clear();
    }

    /** Send the last words of a stream that failed, if its reader is still there. */
    void sendLast(SseBuffer buffer) {
        lock.lock();
        try {
            write(buffer.bytes(), buffer.length());
        } catch (IOException e) {
            cancellation.cancel();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Send no more pings, so that the caller has the response alone.
     *
     * @return whether the headers have left
     */
    boolean stopPings() {
        heartbeat.close();
        lock.lock();
        try {
            closed = true;
            return out != null;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        stopPings();
    }

    private void ping() {
        // Who holds the lock is writing, or is stuck in it: either way no ping is due.
        if (!lock.tryLock()) {
            return;
        }
        try {
            if (!closed) {
                write(PING, PING.length);
            }
        } catch (IOException e) {
            cancellation.cancel();
        } finally {
            lock.unlock();
        }
    }

    private void write(byte[] bytes, int length) throws IOException {
        OutputStream stream = out;
        if (stream == null) {
            response.setStatus(HttpServletResponse.SC_OK);
            response.setContentType("text/event-stream");
            response.setHeader("Cache-Control", "no-cache");
            response.setHeader("X-Accel-Buffering", "no");
            stream = response.getOutputStream();
            out = stream;
        }
        stream.write(bytes, 0, length);
        stream.flush();
        lastWrite = System.nanoTime();
    }
}
