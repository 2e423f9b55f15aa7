package org.llmgine.bus.internal;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.llmgine.bus.HostTimer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks all watches in rounds of 100 ms, on one thread that parks while there are none. */
@Component(service = HostTimer.class)
public final class RoundTimer implements HostTimer {
    private static final Logger LOG = LoggerFactory.getLogger(RoundTimer.class);
    private static final long ROUND_NANOS = Duration.ofMillis(100).toNanos();

    private final Set<Entry> entries = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean parked = new AtomicBoolean();
    private final @Nullable Thread thread;
    private volatile boolean closed;

    /** Start the thread. */
    @Activate
    public RoundTimer() {
        this(true);
    }

    /** Make a timer; without a thread of its own the rounds are the caller's. */
    public RoundTimer(boolean running) {
        thread = running ? Thread.ofPlatform().daemon().name("llmgine-timer").unstarted(this::rounds) : null;
        if (thread != null) {
            thread.setContextClassLoader(RoundTimer.class.getClassLoader());
            thread.start();
        }
    }

    /** End the thread. */
    @Deactivate
    public void close() {
        closed = true;
        entries.clear();
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }

    @Override
    public Registration watch(Watch watch) {
        Entry entry = new Entry(watch);
        entries.add(entry);
        if (parked.compareAndSet(true, false)) {
            LockSupport.unpark(thread);
        }
        return () -> entries.remove(entry);
    }

    /** Ask every watch once. */
    public void round(long nanoTime) {
        for (Entry entry : entries) {
            entry.ask(nanoTime);
        }
    }

    private void rounds() {
        while (!closed) {
            if (entries.isEmpty()) {
                parked.set(true);
                // Looked at again, because a watch may have come before the flag was seen.
                if (entries.isEmpty() && !closed) {
                    LockSupport.park(this);
                }
                parked.set(false);
            } else {
                LockSupport.parkNanos(this, ROUND_NANOS);
                round(System.nanoTime());
            }
        }
    }

    private static final class Entry {
        private final Watch watch;
        private final AtomicBoolean acting = new AtomicBoolean();

        Entry(Watch watch) {
            this.watch = watch;
        }

        void ask(long nanoTime) {
            try {
                if (!acting.get() && watch.isDue(nanoTime) && acting.compareAndSet(false, true)) {
                    start();
                }
            } catch (Throwable t) {
                // Errors, too: the one thread of all watches must outlive a watch whose bundle was replaced.
                LOG.error("A watch of the host's timer failed.", t);
            }
        }

        private void start() {
            boolean started = false;
            try {
                Thread.ofVirtual().name("llmgine-timer-act").start(this::act);
                started = true;
            } finally {
                if (!started) {
                    acting.set(false);
                }
            }
        }

        private void act() {
            try {
                watch.act();
            } catch (Throwable t) {
                LOG.error("What the host's timer started failed.", t);
            } finally {
                acting.set(false);
            }
        }
    }
}
