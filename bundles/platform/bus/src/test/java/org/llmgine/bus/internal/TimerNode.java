package org.llmgine.bus.internal;

import com.codahale.metrics.MetricRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TimeZone;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventListener;
import org.llmgine.api.bus.ListenerOptions;
import org.llmgine.bus.spi.StoredTimer;
import org.llmgine.bus.spi.StoredTimer.Progress;
import org.llmgine.bus.spi.TimerStore;

/** A host with a bus and timers, whose rounds the test makes. Several share a store and a clock. */
final class TimerNode implements AutoCloseable {
    static final Instant START = Instant.parse("2026-11-28T12:00:00Z");
    static final Duration LONG = Duration.ofSeconds(20);

    final Bundles bundles = new Bundles();
    final FailingStore store;
    final InMemoryDeadLetters letters = new InMemoryDeadLetters();
    final Policies policies;
    final Bus bus;
    final BundleBus own;
    final TimerEngine engine;
    final BundleTimers timers;
    private final Clock clock;

    TimerNode(Clock clock, TimerStore shared) {
        this(clock, shared, Duration.ofSeconds(10));
    }

    TimerNode(Clock clock, TimerStore shared, Duration drain) {
        // The logger asks for it, and on a thread that is interrupted the JDK never finds it again.
        TimeZone.getDefault();
        this.clock = clock;
        store = new FailingStore(shared);
        BusFigures figures = new BusFigures(new MetricRegistry());
        policies = new Policies(figures);
        Messages messages = new Messages(bundles);
        DeadLetterBox box = new DeadLetterBox(letters, messages, clock, figures);
        BusSettings settings = BusSettings.DEFAULT.withTimeouts(Duration.ofSeconds(5), LONG, drain);
        bus = new Bus(settings, figures, clock, policies, box, pause -> Thread.onSpinWait());
        Owner owner = new Owner("test.bundle", TimerNode.class.getClassLoader());
        own = new BundleBus(bus, owner);
        engine = new TimerEngine(store, bus, messages, box, clock);
        timers = new BundleTimers(engine, owner);
        bus.start();
    }

    /** Time that the test moves. */
    static final class Clock implements InstantSource {
        private volatile Instant now = START;

        @Override
        public Instant instant() {
            return now;
        }

        void advance(Duration time) {
            now = now.plus(time);
        }

        void set(String time) {
            now = Instant.parse(time);
        }
    }

    /** Finds the classes that are there. */
    static final class Bundles implements Messages.Bundles {
        volatile boolean away;
        volatile String name = "test.bundle";

        @Override
        public String nameOf(Class<?> type) {
            return name;
        }

        @Override
        public Optional<Class<?>> find(String bundle, String className) {
            try {
                return away ? Optional.empty() : Optional.of(Class.forName(className));
            } catch (ClassNotFoundException e) {
                return Optional.empty();
            }
        }
    }

    /** A store that fails when it is told to, and counts what it is asked. */
    static final class FailingStore implements TimerStore {
        final AtomicInteger calls = new AtomicInteger();
        final BlockingQueue<String> failures = new LinkedBlockingQueue<>();
        volatile Set<String> failing = Set.of();
        private final TimerStore store;

        FailingStore(TimerStore store) {
            this.store = store;
        }

        private <T> T ask(String method, Supplier<T> call) {
            calls.incrementAndGet();
            if (failing.contains(method)) {
                failures.add(method);
                throw new LlmgineException(ErrorCode.UNAVAILABLE, "The database is away.");
            }
            return call.get();
        }

        @Override
        public StoredTimer put(StoredTimer timer) {
            return ask("put", () -> store.put(timer));
        }

        @Override
        public Optional<StoredTimer> find(String idOrName) {
            return ask("find", () -> store.find(idOrName));
        }

        @Override
        public List<StoredTimer> list(String after, int limit) {
            return ask("list", () -> store.list(after, limit));
        }

        @Override
        public boolean remove(String id) {
            return ask("remove", () -> store.remove(id));
        }

        @Override
        public List<StoredTimer> claim(String holder, Instant now, Instant until, int limit) {
            return ask("claim", () -> store.claim(holder, now, until, limit));
        }

        @Override
        public Set<String> renew(String holder, Collection<String> ids, Instant until) {
            return ask("renew", () -> store.renew(holder, ids, until));
        }

        @Override
        public boolean complete(String id, String holder, Optional<Progress> next) {
            return ask("complete", () -> store.complete(id, holder, next));
        }

        @Override
        public void release(String holder) {
            ask("release", () -> {
                store.release(holder);
                return holder;
            });
        }

        @Override
        public void unpark(Instant due) {
            ask("unpark", () -> {
                store.unpark(due);
                return due;
            });
        }

        @Override
        public Optional<Instant> nextDue() {
            return ask("nextDue", store::nextDue);
        }
    }

    <E extends Event> void listen(Class<E> type, EventListener<E> listener) {
        own.listen(type, ListenerOptions.named("listener"), listener);
    }

    /** Make one round of the host's timer; tells whether something was due. */
    boolean round() {
        boolean due = engine.isDue(System.nanoTime());
        if (due) {
            engine.act();
        }
        return due;
    }

    /** Make rounds until nothing is due any more and nothing runs. */
    void settle() {
        while (round()) {
            if (!engine.awaitIdle(LONG)) {
                throw new AssertionError("A timer runs longer than expected.");
            }
        }
    }

    /** Let time pass, and do what is due then. */
    void advance(Duration time) {
        clock.advance(time);
        settle();
    }

    @Override
    public void close() {
        engine.close();
        bus.stop();
    }
}
