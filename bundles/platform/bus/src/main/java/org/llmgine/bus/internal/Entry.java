package org.llmgine.bus.internal;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Something that was registered and is called, with its bundle's loader. */
abstract class Entry {
    private static final long BETWEEN_LOGS = Duration.ofSeconds(1).toNanos();

    private final Owner owner;
    private final String name;
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger unlogged = new AtomicInteger();
    private final AtomicLong logged = new AtomicLong(System.nanoTime() - BETWEEN_LOGS);
    private volatile boolean closed;

    Entry(Owner owner, String name) {
        this.owner = owner;
        this.name = name;
    }

    String name() {
        return name;
    }

    String origin() {
        return owner.origin(name);
    }

    /** Tell whether a failure is to be logged now, as the number of those that weren't before; -1 when it isn't. */
    int logNow() {
        long last = logged.get();
        long now = System.nanoTime();
        if (now - last < BETWEEN_LOGS || !logged.compareAndSet(last, now)) {
            unlogged.incrementAndGet();
            return -1;
        }
        return unlogged.getAndSet(0);
    }

    void close() {
        closed = true;
    }

    /** Begin a call, unless it is closed. */
    boolean enter() {
        calls.incrementAndGet();
        if (closed) {
            leave();
            return false;
        }
        return true;
    }

    void leave() {
        if (calls.decrementAndGet() == 0 && closed) {
            synchronized (this) {
                notifyAll();
            }
        }
    }

    /** Wait until no call is in it any more. */
    boolean awaitIdle(Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        synchronized (this) {
            while (calls.get() > 0) {
                long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
                if (left <= 0) {
                    return false;
                }
                try {
                    wait(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
            return true;
        }
    }

    /** Call the owner's code with its loader. */
    <T> @Nullable T call(Callable<@Nullable T> code) throws Exception {
        ClassLoader loader = owner.loader();
        if (loader == null) {
            return code.call();
        }
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            return code.call();
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
