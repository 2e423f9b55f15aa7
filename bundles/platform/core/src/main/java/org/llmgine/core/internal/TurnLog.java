package org.llmgine.core.internal;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.message.ContentPart;
import org.llmgine.api.message.FilePart;
import org.llmgine.api.message.ImagePart;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.stream.ReasoningDelta;
import org.llmgine.api.stream.RefusalDelta;
import org.llmgine.api.stream.StatusUpdate;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolFinished;
import org.llmgine.api.stream.ToolStarted;
import org.llmgine.core.session.ApprovalDecided;
import org.llmgine.core.session.ApprovalRequired;
import org.llmgine.core.session.TurnEnded;
import org.llmgine.core.session.TurnEvent;
import org.llmgine.core.session.TurnReader;

/**
 * Keeps the events of one turn, from the first to the last, for any number of readers.
 *
 * <p>Tokens come this way: appending makes nothing but room, and signals only when somebody waits. A reader takes what is
 * there without the lock.
 */
final class TurnLog {
    private static final int FIRST_ROOM = 64;
    /** What an event takes beside its text: the event, its string and its place here. */
    private static final int EVENT_BYTES = 64;

    private final int before;
    private final long maxBytes;
    private final LongSupplier nanoClock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final AtomicInteger readers = new AtomicInteger();
    private volatile long unreadSince;

    // Written under the lock. The size is written last, and read first.
    private volatile StreamEvent[] events = new StreamEvent[FIRST_ROOM];
    private volatile int size;
    private volatile long bytes;
    private volatile boolean ended;

    /** How many threads wait; guarded by the lock. */
    private int waiting;

    /**
     * Make a log.
     *
     * @param before how many events the turn has had that are not here
     * @param maxBytes about how many bytes it takes; the end always has room
     */
    TurnLog(long before, long maxBytes, LongSupplier nanoClock) {
        this.before = (int) before;
        this.maxBytes = maxBytes;
        this.nanoClock = nanoClock;
        unreadSince = nanoClock.getAsLong();
    }

    /**
     * Add an event.
     *
     * @throws LlmgineException {@code limit_reached} when it doesn't fit, {@code cancelled} after the end
     */
    void append(StreamEvent event) {
        long more = EVENT_BYTES + chars(event);
        lock.lock();
        try {
            if (ended) {
                throw new LlmgineException(ErrorCode.CANCELLED, "The turn is over.");
            }
            if (bytes + more > maxBytes) {
                throw new LlmgineException(
                                ErrorCode.LIMIT_REACHED, "The turn's events take more than " + maxBytes + " bytes.")
                        .withHint("The limit is the setting turnLogMaxBytes.");
            }
            add(event, more);
        } finally {
            lock.unlock();
        }
    }

    /** Add an event of the host's own, for which there is always room. */
    void tell(StreamEvent event) {
        lock.lock();
        try {
            if (!ended) {
                add(event, EVENT_BYTES + chars(event));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Return the number of the last event. */
    long last() {
        return before + size;
    }

    /** Add the last event, unless it is there already. */
    void end(TurnEnded event) {
        lock.lock();
        try {
            if (!ended) {
                ended = true;
                add(event, EVENT_BYTES);
            }
        } finally {
            lock.unlock();
        }
    }

    // The lock is held.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void add(StreamEvent event, long more) {
        StreamEvent[] room = events;
        int count = size;
        if (count == room.length) {
            room = Arrays.copyOf(room, count * 2);
            events = room;
        }
        room[count] = event;
        bytes += more;
        size = count + 1;
        if (waiting > 0) {
            changed.signalAll();
        }
    }

    /** Return about how many bytes the events take. */
    long bytes() {
        return bytes;
    }

    /** Count the time without a reader from now on. */
    void begin() {
        unreadSince = nanoClock.getAsLong();
    }

    /** Return for how many nanoseconds nobody has read; 0 while somebody does. */
    long unreadNanos(long nanoTime) {
        return readers.get() > 0 ? 0 : nanoTime - unreadSince;
    }

    /**
     * Read from after an event; after the last one that is not here, when it is older.
     *
     * @throws LlmgineException {@code invalid_request} when there is no such event yet
     */
    TurnReader read(long afterSeq) {
        long last = last();
        if (afterSeq < 0 || afterSeq > last) {
            throw new LlmgineException(
                            ErrorCode.INVALID_REQUEST,
                            "The turn has no event " + afterSeq + ", its last one is " + last + ".")
                    .withField("after");
        }
        return new Reader((int) Math.max(0, afterSeq - before));
    }

    private static long chars(StreamEvent event) {
        return switch (event) {
            case TextDelta delta -> delta.text().length();
            case ReasoningDelta delta -> delta.text().length();
            case RefusalDelta delta -> delta.text().length();
            case StatusUpdate update -> update.text().length();
            case ToolStarted started ->
                started.call().name().length() + started.call().arguments().length();
            case ApprovalRequired required ->
                required.approval().call().name().length()
                        + required.approval().call().arguments().length();
            case ApprovalDecided told ->
                told.approval().call().name().length()
                        + told.approval().call().arguments().length()
                        + told.approval().reason().length();
            case ToolFinished finished -> chars(finished.result().content());
            default -> 0;
        };
    }

    private static long chars(List<ContentPart> content) {
        long chars = 0;
        for (ContentPart part : content) {
            chars += switch (part) {
                case TextPart text -> text.text().length();
                case ImagePart image -> image.url().length();
                case FilePart file -> file.data().length();
                default -> EVENT_BYTES;
            };
        }
        return chars;
    }

    private final class Reader implements TurnReader {
        private int seq;
        private boolean done;
        private volatile boolean closed;

        Reader(int seq) {
            this.seq = seq;
            done = seq > 0 && events[seq - 1] instanceof TurnEnded;
            readers.incrementAndGet();
        }

        @Override
        public @Nullable TurnEvent next() {
            if (!done && seq == size) {
                await();
            }
            if (closed) {
                throw new LlmgineException(ErrorCode.CANCELLED, "The reader was closed.");
            }
            if (done) {
                return null;
            }
            StreamEvent event = events[seq++];
            done = event instanceof TurnEnded;
            return new TurnEvent((long) before + seq, event);
        }

        private void await() {
            try {
                lock.lockInterruptibly();
                waiting++;
                try {
                    while (seq == size && !closed) {
                        changed.await();
                    }
                } finally {
                    waiting--;
                    lock.unlock();
                }
            } catch (InterruptedException e) {
                throw new LlmgineException(ErrorCode.CANCELLED, "The reader was interrupted.", e);
            }
        }

        @Override
        public boolean isReady() {
            return done || closed || seq < size;
        }

        @Override
        public void close() {
            lock.lock();
            try {
                if (closed) {
                    return;
                }
                closed = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
            // Before the count falls: who sees no reader sees since when.
            unreadSince = nanoClock.getAsLong();
            readers.decrementAndGet();
        }
    }
}
