package org.llmgine.bus.internal;

import com.codahale.metrics.MetricRegistry;
import com.lmax.disruptor.BlockingWaitStrategy;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.dsl.Disruptor;
import com.lmax.disruptor.dsl.ProducerType;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.CommandResult;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.ListenerOptions;
import org.llmgine.api.bus.Publication;
import org.llmgine.api.bus.SendOptions;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the bus takes for an event and for a command. Events that nobody waits for are published in batches, from the first
 * publish to the last listener's return; the Disruptor does the same with one ring and one consumer.
 */
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@State(Scope.Benchmark)
public class BusBenchmark {
    private static final int BATCH = 8_000;
    private static final int SESSIONS = 1_000;

    private final LongAdder handled = new LongAdder();
    private final SendOptions[] sessions = new SendOptions[SESSIONS];
    private final Number command = new Number(7);
    private final Count count = new Count(1);
    private Bus bus = bus();
    private BundleBus own = new BundleBus(bus, Owner.NONE);
    private Disruptor<Slot> disruptor = disruptor();
    private volatile long disrupted;

    private record Count(int value) implements Event {}

    private record Awaited(int value) implements Event {}

    private record Number(int value) implements Command<Integer> {}

    private static final class Slot {
        private Count value = new Count(0);
    }

    private static Bus bus() {
        BusFigures figures = new BusFigures(new MetricRegistry());
        DeadLetterBox box = new DeadLetterBox(
                new InMemoryDeadLetters(), new Messages(new NoBundles()), InstantSource.system(), figures);
        return new Bus(
                BusSettings.DEFAULT,
                figures,
                InstantSource.system(),
                new Policies(figures),
                box,
                pause -> LockSupport.parkNanos(pause.toNanos()));
    }

    private record NoBundles() implements Messages.Bundles {
        @Override
        public String nameOf(Class<?> type) {
            return "";
        }

        @Override
        public Optional<Class<?>> find(String bundle, String className) {
            return Optional.empty();
        }
    }

    private static Disruptor<Slot> disruptor() {
        return new Disruptor<>(
                Slot::new,
                16_384,
                Thread.ofPlatform().daemon().factory(),
                ProducerType.MULTI,
                new BlockingWaitStrategy());
    }

    @Setup
    public void open() {
        for (int i = 0; i < SESSIONS; i++) {
            sessions[i] = SendOptions.inSession("session-" + i);
        }
        own.listen(Count.class, ListenerOptions.named("count"), (event, context) -> handled.increment());
        own.listen(Awaited.class, ListenerOptions.named("awaited"), (event, context) -> {});
        own.handle(Number.class, (asked, context) -> asked.value() * 2);
        bus.start();
        disruptor.handleEventsWith((slot, sequence, end) -> disrupted += slot.value.value());
        disruptor.start();
    }

    @TearDown
    public void close() {
        bus.stop();
        disruptor.shutdown();
    }

    private void publish(int among) {
        long goal = handled.sum() + BATCH;
        for (int i = 0; i < BATCH; i++) {
            own.publish(count, sessions[i % among]);
        }
        while (handled.sum() < goal) {
            Thread.yield();
        }
    }

    @Benchmark
    @BenchmarkMode(Mode.Throughput)
    @OutputTimeUnit(TimeUnit.SECONDS)
    @OperationsPerInvocation(BATCH)
    public void oneSession() {
        publish(1);
    }

    @Benchmark
    @BenchmarkMode(Mode.Throughput)
    @OutputTimeUnit(TimeUnit.SECONDS)
    @OperationsPerInvocation(BATCH)
    public void fourSessions() {
        publish(4);
    }

    @Benchmark
    @BenchmarkMode(Mode.Throughput)
    @OutputTimeUnit(TimeUnit.SECONDS)
    @OperationsPerInvocation(BATCH)
    public void thousandSessions() {
        publish(SESSIONS);
    }

    @Benchmark
    @BenchmarkMode(Mode.Throughput)
    @OutputTimeUnit(TimeUnit.SECONDS)
    @OperationsPerInvocation(BATCH)
    public void limitByDisruptor() {
        long goal = disrupted + BATCH;
        RingBuffer<Slot> ring = disruptor.getRingBuffer();
        for (int i = 0; i < BATCH; i++) {
            ring.publishEvent((slot, sequence) -> slot.value = count);
        }
        while (disrupted < goal) {
            Thread.yield();
        }
    }

    @Benchmark
    @BenchmarkMode(Mode.SampleTime)
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public Publication awaited() {
        return own.publishAndWait(new Awaited(1), sessions[0]);
    }

    @Benchmark
    @BenchmarkMode(Mode.AverageTime)
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    public CommandResult<Integer> command() {
        return own.execute(command, sessions[0]);
    }

    @Benchmark
    @BenchmarkMode(Mode.AverageTime)
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    public Publication unheard() {
        return own.publish(new Unheard(), sessions[0]);
    }

    private record Unheard() implements Event {}
}
