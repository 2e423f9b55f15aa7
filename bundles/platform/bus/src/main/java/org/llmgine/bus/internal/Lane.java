package org.llmgine.bus.internal;

import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.bus.Publication.State;

/**
 * One session's queue of events.
 *
 * <p>{@link #pending} counts what waits and what is being handled; who raises it from 0 starts a {@link Drain}, and who lowers
 * it to 0 was the last one. It is raised before the event is in the queue.
 */
final class Lane {
    private static final int RETIRED = Integer.MIN_VALUE;
    private static final String FULL = "The session's queue is full.";

    private final String session;
    private final Bus bus;
    private final AtomicInteger pending = new AtomicInteger();
    private final ConcurrentLinkedQueue<Delivery> queue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean pressed = new AtomicBoolean();
    private final AtomicInteger blocked = new AtomicInteger();
    private volatile @Nullable Drain drain;
    private volatile long idleSince = System.nanoTime();

    Lane(String session, Bus bus) {
        this.session = session;
        this.bus = bus;
    }

    String session() {
        return session;
    }

    /** Return how many events wait; the one that is being handled doesn't. */
    int waiting() {
        return Math.max(0, pending.get() - 1);
    }

    boolean isBusy() {
        return pending.get() > 0;
    }

    boolean isPressed() {
        return pressed.get();
    }

    /**
     * Add an event, or end it if there is no room.
     *
     * @param from the event whose handler publishes it; null when none does
     * @return false when the lane is gone and another one is to be asked for
     */
    boolean add(Delivery delivery, @Nullable Delivery from) {
        BusSettings settings = bus.settings();
        if (settings.overflow() == Overflow.ADAPTIVE && from == null && !delivery.isFact()) {
            delay(settings);
        }
        while (true) {
            int now = pending.get();
            if (now < 0) {
                return false;
            }
            if (now > settings.capacity()) {
                if (!makeRoom(delivery, from, settings)) {
                    return true;
                }
            } else if (pending.compareAndSet(now, now + 1)) {
                queue.offer(delivery);
                if (now == 0) {
                    start(new Drain(this, bus));
                }
                mark(now, settings);
                return true;
            }
        }
    }

    /** Do what the setting says when the queue is full; false when the event's fate is decided. */
    private boolean makeRoom(Delivery delivery, @Nullable Delivery from, BusSettings settings) {
        if (delivery.isFact()) {
            reject(delivery, FULL);
            return false;
        }
        switch (settings.overflow()) {
            case DROP_OLDEST -> {
                Delivery oldest = queue.poll();
                if (oldest == null) {
                    Thread.onSpinWait();
                    return true;
                }
                // It takes over the place, so that the count stays.
                queue.offer(delivery);
                bus.figures().dropped();
                oldest.end(State.DROPPED, "A newer event took its place: the session's queue is full.");
                return false;
            }
            case BLOCK -> {
                return waitForRoom(delivery, from, settings);
            }
            default -> {
                reject(delivery, FULL);
                return false;
            }
        }
    }

    private boolean waitForRoom(Delivery delivery, @Nullable Delivery from, BusSettings settings) {
        if (from == null) {
            return hasRoomWithin(delivery, settings);
        }
        if (from.session().equals(session) || !bus.waits().enter(from.session(), session)) {
            reject(delivery, FULL + " Its own listener can't wait for room.");
            return false;
        }
        try {
            return hasRoomWithin(delivery, settings);
        } finally {
            bus.waits().leave(from.session(), session);
        }
    }

    private boolean hasRoomWithin(Delivery delivery, BusSettings settings) {
        long deadline = System.nanoTime() + settings.blockTimeout().toNanos();
        blocked.incrementAndGet();
        try {
            synchronized (this) {
                while (pending.get() > settings.capacity()) {
                    long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                    if (left <= 0) {
                        reject(delivery, FULL);
                        return false;
                    }
                    wait(left);
                }
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            reject(delivery, "The publisher was interrupted while it waited for room.");
            return false;
        } finally {
            blocked.decrementAndGet();
        }
    }

    private void reject(Delivery delivery, String why) {
        bus.figures().rejected();
        delivery.end(State.REJECTED, why);
    }

    private void delay(BusSettings settings) {
        double fill = (double) waiting() / settings.capacity();
        double above = fill - settings.highWater();
        if (above >= 0) {
            double share = settings.highWater() == 1 ? 1 : Math.min(1, above / (1 - settings.highWater()));
            bus.pause(Duration.ofNanos((long) (settings.maxDelay().toNanos() * share)));
        }
    }

    private void mark(int waiting, BusSettings settings) {
        if (waiting >= settings.capacity() * settings.highWater() && pressed.compareAndSet(false, true)) {
            bus.figures().pressed();
            bus.pressed(session, waiting);
        }
    }

    /** Let a drain run; it takes the place of the one before. */
    void start(Drain next) {
        drain = next;
        Thread.ofVirtual().name("llmgine-bus").start(next);
    }

    /** Take the next event; there is one, or it is on its way into the queue. Null when the bus has stopped. */
    @Nullable Delivery next() {
        while (true) {
            Delivery delivery = queue.poll();
            if (delivery != null || bus.isClosed()) {
                return delivery;
            }
            Thread.yield();
        }
    }

    /** Note that an event is handled; returns whether there is none left. */
    boolean done() {
        BusSettings settings = bus.settings();
        int left = pending.decrementAndGet();
        if (left == 0) {
            idleSince = System.nanoTime();
        }
        if (blocked.get() > 0) {
            synchronized (this) {
                notifyAll();
            }
        }
        if (pressed.get() && left <= settings.capacity() * settings.lowWater() && pressed.compareAndSet(true, false)) {
            bus.released(session, left);
        }
        return left == 0;
    }

    /** Look for a listener that takes too long. */
    void watch(long nanoTime) {
        Drain now = drain;
        if (now != null && pending.get() > 0) {
            now.watch(nanoTime);
        }
    }

    /** Go, if nothing has happened here for a while. */
    boolean retire(long nanoTime, Duration idle) {
        return nanoTime - idleSince > idle.toNanos() && pending.compareAndSet(0, RETIRED);
    }

    /** Hand over what still waits. */
    int abandon(Consumer<Delivery> taker) {
        int count = 0;
        for (Delivery delivery = queue.poll(); delivery != null; delivery = queue.poll()) {
            taker.accept(delivery);
            pending.decrementAndGet();
            count++;
        }
        return count;
    }
}
