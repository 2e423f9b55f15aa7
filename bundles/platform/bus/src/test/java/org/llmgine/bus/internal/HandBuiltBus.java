package org.llmgine.bus.internal;

import com.codahale.metrics.MetricRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.llmgine.api.bus.EventFilter;
import org.llmgine.api.bus.Interceptor;

/** A real bus without a framework. */
final class HandBuiltBus implements AutoCloseable {
    private static final Messages.Bundles BUNDLES = new Messages.Bundles() {
        @Override
        public String nameOf(Class<?> type) {
            return "test";
        }

        @Override
        public Optional<Class<?>> find(String bundle, String className) {
            try {
                return Optional.of(Class.forName(className));
            } catch (ClassNotFoundException e) {
                return Optional.empty();
            }
        }
    };

    final MetricRegistry registry = new MetricRegistry();
    final Bus bus;
    final BundleBus face;
    final DeadLetterBox deadLetters;
    private final Policies policies;

    HandBuiltBus() {
        BusFigures figures = new BusFigures(registry);
        InstantSource clock = InstantSource.system();
        policies = new Policies(figures);
        deadLetters = new DeadLetterBox(new InMemoryDeadLetters(), new Messages(BUNDLES), clock, figures);
        bus = new Bus(
                BusSettings.DEFAULT,
                figures,
                clock,
                policies,
                deadLetters,
                pause -> LockSupport.parkNanos(pause.toNanos()));
        face = new BundleBus(bus, new Owner("org.example.shop", null));
        bus.start();
    }

    HandBuiltBus with(Interceptor... interceptors) {
        bus.interceptors(List.of(interceptors));
        return this;
    }

    HandBuiltBus with(EventFilter... filters) {
        bus.filters(List.of(filters));
        return this;
    }

    /** Try commands again at once, and keep what is given up. */
    HandBuiltBus withRetries(int retries) {
        policies.rules(List.of(new MessagePolicy(
                List.of(new TopicPattern("*")),
                retries,
                Duration.ZERO,
                Duration.ZERO,
                false,
                0,
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                1,
                true)));
        return this;
    }

    @Override
    public void close() {
        bus.stop();
    }
}
