package org.llmgine.bus.internal;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.llmgine.bus.LogLimit;

/** Something that was registered and is called, with its bundle's loader. */
abstract class Entry {
    private final Owner owner;
    private final String name;
    private final AtomicInteger calls = new AtomicInteger();
    private final LogLimit logs = new LogLimit();
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

    /** Return what limits how often its failures are logged. */
    LogLimit logs() {
        return logs;
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
