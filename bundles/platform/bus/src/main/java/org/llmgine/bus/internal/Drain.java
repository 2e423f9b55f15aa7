package org.llmgine.bus.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/**
 * Hands a session's events to their listeners, one after the other, until there are none. When a listener takes too long its
 * thread is left behind with it, and another drain goes on after it.
 */
final class Drain implements Runnable {
    private static final long LEFT_BEHIND = -1;

    private static final VarHandle CALL;

    static {
        try {
            CALL = MethodHandles.lookup().findVarHandle(Drain.class, "call", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Lane lane;
    private final Bus bus;
    /** Where to go on: an event that another drain began, and after which of its groups. */
    private @Nullable Delivery delivery;

    private @Nullable Plan plan;
    private int group;

    /** The listener for whose sake it goes on where another drain was. */
    private @Nullable ListenerEntry leftBehind;

    /** Counts calls and their ends: it is odd while a listener is being called. */
    private volatile long call;

    private volatile long callBegun;
    private volatile @Nullable ListenerEntry called;
    private volatile @Nullable Thread thread;

    Drain(Lane lane, Bus bus) {
        this.lane = lane;
        this.bus = bus;
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        ListenerEntry slow = leftBehind;
        Delivery begun = delivery;
        if (slow != null && begun != null) {
            bus.failed(slow, begun, tooLong(slow, bus.settings()));
        }
        do {
            Delivery now = delivery;
            if (now == null) {
                now = lane.next();
                if (now == null) {
                    return;
                }
                delivery = now;
                plan = bus.plan(now);
                group = 0;
            }
            if (!handle(now)) {
                return;
            }
            delivery = null;
            bus.finish(now);
        } while (!lane.done());
    }

    /** Call the groups that are left; false when another drain does. */
    private boolean handle(Delivery now) {
        ListenerEntry[][] groups = plan == null ? new ListenerEntry[0][] : plan.groups();
        for (; group < groups.length; group++) {
            ListenerEntry[] together = groups[group];
            if (together.length > 1) {
                bus.callTogether(together, now);
            } else if (!call(together[0], now)) {
                return false;
            }
        }
        return true;
    }

    private boolean call(ListenerEntry listener, Delivery now) {
        called = listener;
        callBegun = System.nanoTime();
        long begun = call + 1;
        CALL.setRelease(this, begun);
        LlmgineException failure = bus.call(listener, now);
        if (!CALL.compareAndSet(this, begun, begun + 1)) {
            return false;
        }
        if (failure != null) {
            bus.failed(listener, now, failure);
        }
        return true;
    }

    /** Leave a listener behind that takes too long. */
    void watch(long nanoTime) {
        long seen = call;
        boolean calling = seen > 0 && seen % 2 == 1;
        if (!calling || nanoTime - callBegun < bus.settings().listenerTimeout().toNanos()) {
            return;
        }
        ListenerEntry listener = called;
        Delivery now = delivery;
        Thread busy = thread;
        if (listener == null || now == null || busy == null || !CALL.compareAndSet(this, seen, LEFT_BEHIND)) {
            return;
        }
        busy.interrupt();
        bus.figures().leftBehind();
        Drain next = new Drain(lane, bus);
        next.delivery = now;
        next.plan = plan;
        next.group = group + 1;
        next.leftBehind = listener;
        lane.start(next);
    }

    static LlmgineException tooLong(ListenerEntry listener, BusSettings settings) {
        return new LlmgineException(
                        ErrorCode.TIMEOUT,
                        "'" + listener.name() + "' didn't return within "
                                + settings.listenerTimeout().toMillis() + " ms.")
                .withHint("It was left behind. The limit is the setting listenerTimeoutMs of org.llmgine.bus.");
    }
}
