package org.llmgine.bus.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.CommandFinished;
import org.llmgine.api.bus.CommandStarted;
import org.llmgine.api.bus.DeadLettered;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.ListenerFailed;
import org.llmgine.api.bus.Publication;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.api.bus.SessionEnded;
import org.llmgine.api.bus.SessionStarted;

/** One event on its way to its listeners. There is one for each event: what only few need is made when they ask. */
final class Delivery extends Context implements Publication {
    private static final VarHandle STATE;
    private static final VarHandle NEST;
    /** Stands in for the lock of nested events when there can be none any more. */
    private static final Object OVER = new Object();

    private static final Set<Class<? extends Event>> FACTS = Set.of(
            CommandStarted.class,
            CommandFinished.class,
            ListenerFailed.class,
            DeadLettered.class,
            SessionStarted.class,
            SessionEnded.class);

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(Delivery.class, "state", State.class);
            NEST = lookup.findVarHandle(Delivery.class, "nest", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Event event;
    private final @Nullable String cause;
    private final WaitGraph waits;
    private volatile State state = State.ACCEPTED;
    private volatile boolean awaited;
    private volatile String reason = "";
    private volatile @Nullable Object nest;
    private @Nullable List<Failure> failures;
    private @Nullable LlmgineException refusal;

    Delivery(
            Ids ids,
            WaitGraph waits,
            @Nullable Context parent,
            String origin,
            Event event,
            SendOptions options,
            long sentMillis) {
        super(ids, parent, origin, options, sentMillis);
        this.waits = waits;
        this.event = event;
        cause = parent == null ? null : parent.id();
    }

    /** Tell whether it is one of the bus' own facts, which neither filters nor full queues hold up. */
    boolean isFact() {
        return FACTS.contains(event.getClass());
    }

    Event event() {
        return event;
    }

    @Override
    public Optional<String> cause() {
        return Optional.ofNullable(cause);
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public String reason() {
        return reason;
    }

    @Override
    public synchronized List<Failure> failures() {
        return failures == null ? List.of() : List.copyOf(failures);
    }

    synchronized void failed(Failure failure) {
        if (failures == null) {
            failures = new ArrayList<>(1);
        }
        failures.add(failure);
    }

    /** End it for a reason. */
    Delivery end(State end, String why) {
        reason = why;
        end(end);
        return this;
    }

    /** End it because of a failure, which is the publisher's to see. */
    Delivery end(State end, LlmgineException why) {
        cause(why);
        return end(end, why.getMessage());
    }

    private synchronized void cause(LlmgineException why) {
        refusal = why;
    }

    Delivery end(State end) {
        if (STATE.compareAndSet(this, State.ACCEPTED, end) && awaited) {
            synchronized (this) {
                notifyAll();
            }
        }
        return this;
    }

    /** Tell whether its listeners are being called, or will be. */
    boolean isActive() {
        return nest != OVER;
    }

    /** Return the lock under which events that are nested in this one are handled; null when it is over. */
    @Nullable ReentrantLock nest() {
        Object now = nest;
        if (now == null) {
            ReentrantLock made = new ReentrantLock();
            now = NEST.compareAndSet(this, null, made) ? made : nest;
        }
        return now instanceof ReentrantLock lock ? lock : null;
    }

    /** Let no further event be nested in this one, and wait for one that is. */
    void closeNest(Duration timeout) {
        Object before = NEST.getAndSet(this, OVER);
        if (before instanceof ReentrantLock lock) {
            try {
                if (lock.tryLock(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                    lock.unlock();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean await(Duration timeout) {
        if (state != State.ACCEPTED) {
            return true;
        }
        Delivery from = enclosing(now());
        if (from == null) {
            return park(timeout);
        }
        if (from.session().equals(session()) || !waits.enter(from.session(), session())) {
            throw new LlmgineException(
                            ErrorCode.INVALID_REQUEST,
                            "The event can't be waited for here: its session waits for the one that is being handled.")
                    .withHint("Publish it with publishAndWait, or don't wait for it.");
        }
        try {
            return park(timeout);
        } finally {
            waits.leave(from.session(), session());
        }
    }

    /** Wait for the end, whoever waits. */
    boolean park(Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        synchronized (this) {
            awaited = true;
            while (state == State.ACCEPTED) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                try {
                    TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, TimeUnit.MILLISECONDS.toNanos(1)));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw Failures.interrupted();
                }
            }
            return true;
        }
    }

    @Override
    public void orElseThrow() {
        switch (state) {
            case HANDLED -> {
                List<Failure> all = failures();
                if (!all.isEmpty()) {
                    throw all.getFirst().failure();
                }
            }
            case ACCEPTED -> throw new LlmgineException(ErrorCode.TIMEOUT, "The event isn't handled yet.");
            case DROPPED, REJECTED -> throw refusal();
            case FILTERED -> {}
        }
    }

    private synchronized LlmgineException refusal() {
        return refusal == null ? new LlmgineException(ErrorCode.OVERLOADED, reason) : refusal;
    }
}
