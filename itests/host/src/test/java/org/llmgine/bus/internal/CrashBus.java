package org.llmgine.bus.internal;

import com.codahale.metrics.MetricRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.MessageType;
import org.llmgine.api.bus.Schedule;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.bus.HostTimer;
import org.llmgine.bus.spi.DeadLetterStore;
import org.llmgine.bus.spi.TimerStore;

/** A real bus with real timers over given stores, without a framework, for hosts that are killed. */
public final class CrashBus implements AutoCloseable {
    private final Bus bus;
    private final BundleBus own;
    private final TimerEngine engine;
    private final BundleTimers timers;
    private final HostTimer.Registration watch;

    /** What timers send. */
    public record Act(String text) implements Command<String> {}

    /** What nobody can do. */
    @MessageType("crash/fail")
    public record Fail(String text) implements Command<String> {}

    /** The classes of the tests are one bundle. */
    private static final class Bundles implements Messages.Bundles {
        @Override
        public String nameOf(Class<?> type) {
            return "crash";
        }

        @Override
        public Optional<Class<?>> find(String bundle, String className) {
            try {
                return Optional.of(Class.forName(className));
            } catch (ClassNotFoundException e) {
                return Optional.empty();
            }
        }
    }

    /**
     * Start it.
     *
     * @param effect is given the idempotency key of each run of a timer
     */
    public CrashBus(DeadLetterStore letters, TimerStore store, HostTimer timer, Consumer<String> effect) {
        BusFigures figures = new BusFigures(new MetricRegistry());
        Policies policies = new Policies(figures);
        InstantSource clock = InstantSource.system();
        Messages messages = new Messages(new Bundles());
        DeadLetterBox box = new DeadLetterBox(letters, messages, clock, figures);
        bus = new Bus(
                BusSettings.DEFAULT, figures, clock, policies, box, pause -> LockSupport.parkNanos(pause.toNanos()));
        Owner owner = new Owner("crash", CrashBus.class.getClassLoader());
        own = new BundleBus(bus, owner);
        policies.rules(List.of(new MessagePolicy(
                List.of(new TopicPattern("crash/fail")),
                0,
                Duration.ZERO,
                Duration.ZERO,
                false,
                0,
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                1,
                true)));
        own.handle(Act.class, (command, context) -> {
            effect.accept(context.idempotencyKey());
            return command.text();
        });
        own.handle(Fail.class, (command, context) -> {
            throw new LlmgineException(ErrorCode.UNAVAILABLE, "Nobody can do " + command.text() + ".");
        });
        bus.start();
        engine = new TimerEngine(store, bus, messages, box, clock);
        timers = new BundleTimers(engine, owner);
        watch = timer.watch(engine);
    }

    /** Schedule a run and return the timer's id. */
    public String schedule(Duration in) {
        return timers.schedule("", Schedule.once(Instant.now().plus(in)), new Act("now"), SendOptions.DEFAULT)
                .id();
    }

    /** Send what fails, and return the id of its dead letter. */
    public String giveUp() {
        return own.execute(new Fail("it")).commandId().replaceFirst("msg_", "dead_");
    }

    @Override
    public void close() {
        engine.close();
        watch.close();
        bus.stop();
    }
}
