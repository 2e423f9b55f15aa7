package org.llmgine.bus.internal;

import com.codahale.metrics.MetricRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TimeZone;
import java.util.function.BooleanSupplier;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventListener;
import org.llmgine.api.bus.ListenerOptions;
import org.llmgine.api.bus.Registration;
import org.llmgine.bus.DeadLetters;

/** A bus of one test, with what it was made of in reach. */
final class TestBus implements AutoCloseable {
    static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
    static final Duration LONG = Duration.ofSeconds(20);

    final MetricRegistry metrics = new MetricRegistry();
    final BusFigures figures = new BusFigures(metrics);
    final Policies policies = new Policies(figures);
    final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());
    final InMemoryDeadLetters letters = new InMemoryDeadLetters();
    final TestBundles bundles = new TestBundles();
    final Bus bus;
    final BundleBus own;
    final DeadLetters deadLetters;

    TestBus() {
        this(BusSettings.DEFAULT);
    }

    TestBus(BusSettings settings) {
        this(settings, true);
    }

    TestBus(BusSettings settings, boolean started) {
        // The logger asks for it, and on a thread that is interrupted the JDK never finds it again.
        TimeZone.getDefault();
        InstantSource clock = InstantSource.fixed(NOW);
        DeadLetterBox box = new DeadLetterBox(letters, new Messages(bundles), clock, figures);
        bus = new Bus(settings, figures, clock, policies, box, pause -> {
            pauses.add(pause);
            Thread.onSpinWait();
        });
        own = new BundleBus(bus, new Owner("test.bundle", TestBus.class.getClassLoader()));
        deadLetters = new BusDeadLetters(box, bus);
        if (started) {
            bus.start();
        }
    }

    /** Finds classes by their names alone, unless they are away. */
    static final class TestBundles implements Messages.Bundles {
        volatile boolean away;

        @Override
        public String nameOf(Class<?> type) {
            return "test.bundle";
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

    <E extends Event> Registration listen(Class<E> type, EventListener<E> listener) {
        return own.listen(type, ListenerOptions.named("listener"), listener);
    }

    /** Let the bus' timer look after a while has passed. */
    void roundIn(Duration time) {
        bus.isDue(System.nanoTime() + time.toNanos());
        bus.act();
    }

    /** Wait until something is so. */
    static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("It never came to be.");
            }
            Thread.onSpinWait();
        }
    }

    long counter(String name) {
        return metrics.counter("llmgine_bus_" + name).getCount();
    }

    Object gauge(String name) {
        return Objects.requireNonNull(metrics.getGauges().get("llmgine_bus_" + name))
                .getValue();
    }

    @Override
    public void close() {
        bus.stop();
    }
}
