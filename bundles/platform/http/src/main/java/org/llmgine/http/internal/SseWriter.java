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
import org.llmgine.bus.Cancellation;
import org.llmgine.bus.HostTimer;

/**
 * Writes one event stream on the servlet's own stream, on the thread that has the events.
 *
 * <p>Status and headers leave with the first bytes, be they an event or the heartbeat's ping. Later events that are there
 * together leave in one write and one flush. A write that fails, the ping's too, cancels the work: the reader has left. One that blocks,
 * because the reader doesn't read, is ended by the connector's idle time-out.
 */
final class SseWriter implements AutoCloseable {
    private static final byte[] PING = ": ping\n\n".getBytes(StandardCharsets.US_ASCII);

    private static final int MOST_KEPT_BYTES = 8 * 1024;
    private static final long LONGEST_KEPT_NANOS = Duration.ofMillis(50).toNanos();

    private final HttpServletResponse response;
    private final Cancellation cancellation;
    private final HostTimer.Registration heartbeat;
    private final ReentrantLock lock = new ReentrantLock();
    private final SseBuffer kept = new SseBuffer();
    private volatile long lastWrite = System.nanoTime();

    /** When the oldest kept event came, made odd so that 0 says that nothing is kept. */
    private volatile long keptSince;

    private @Nullable OutputStream out;
    private boolean closed;

    SseWriter(HttpServletResponse response, Cancellation cancellation, HostTimer timer, Duration heartbeat) {
        this.response = response;
        this.cancellation = cancellation;
        long nanos = heartbeat.toNanos();
        this.heartbeat = timer.watch(new HostTimer.Watch() {
            @Override
            public boolean isDue(long nanoTime) {
                long since = keptSince;
                return nanoTime - lastWrite >= nanos || since != 0 && nanoTime - since >= LONGEST_KEPT_NANOS;
            }

            @Override
            public void act() {
                flushOrPing();
            }
        });
    }

    /**
     * Send what the buffer holds, and clear it.
     *
     * @throws LlmgineException with {@code cancelled} when the reader has left
     */
    void send(SseBuffer buffer) {
        keep(buffer);
        flush();
    }

    /**
     * Take what the buffer holds, and clear it. The first leaves at once, others with the next {@link #flush()}, when much is
     * kept, or after a moment.
     *
     * @throws LlmgineException with {@code cancelled} when the reader has left
     */
    void keep(SseBuffer buffer) {
        lock.lock();
        try {
            cancellation.check();
            kept.raw(buffer.bytes(), buffer.length());
            if (keptSince == 0) {
                keptSince = System.nanoTime() | 1;
            }
            // The first event waits for no other.
            if (out == null || kept.length() >= MOST_KEPT_BYTES) {
                writeKept(false);
            }
        } finally {
            lock.unlock();
        }
        buffer.clear();
    }

    /**
     * Send what was kept.
     *
     * @throws LlmgineException with {@code cancelled} when the reader has left
     */
    void flush() {
        lock.lock();
        try {
            cancellation.check();
            if (kept.length() > 0) {
                writeKept(false);
            }
        } finally {
            lock.unlock();
        }
    }

    private void writeKept(boolean last) {
        try {
            write(kept.bytes(), kept.length(), last);
        } catch (IOException e) {
            cancellation.cancel();
            throw new LlmgineException(ErrorCode.CANCELLED, "The caller left.", e);
        }
        kept.clear();
        keptSince = 0;
    }

    /** Send what the buffer holds, and the stream's end with it, if its reader is still there. */
    void sendLast(SseBuffer buffer) {
        lock.lock();
        try {
            kept.raw(buffer.bytes(), buffer.length());
            closed = true;
            writeKept(true);
        } catch (LlmgineException e) {
            // It is cancelled, and nobody is left to be told.
        } finally {
            lock.unlock();
        }
    }

    /**
     * Send no more pings, so that the caller has the response alone.
     *
     * @return whether an event has come, so that the headers have left or are about to
     */
    boolean stopPings() {
        heartbeat.close();
        lock.lock();
        try {
            closed = true;
            return out != null || kept.length() > 0;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        stopPings();
    }

    private void flushOrPing() {
        // Who holds the lock is writing, or is stuck in it: either way no ping is due.
        if (!lock.tryLock()) {
            return;
        }
        try {
            if (closed) {
                return;
            }
            if (kept.length() > 0) {
                writeKept(false);
            } else {
                write(PING, PING.length, false);
            }
        } catch (LlmgineException e) {
            // It is cancelled, and whoever sends next hears of it.
        } catch (IOException e) {
            cancellation.cancel();
        } finally {
            lock.unlock();
        }
    }

    private void write(byte[] bytes, int length, boolean last) throws IOException {
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
        if (last) {
            stream.close();
        } else {
            stream.flush();
        }
        lastWrite = System.nanoTime();
    }
}
