package org.llmgine.core.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.bus.Cancellation;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A hundred streams of 400 deltas 10 ms apart, at best 4 s long, with the guard and without, in turns. */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 10)
@Fork(1)
@State(Scope.Benchmark)
public class GuardedStreamsBenchmark {
    private static final int STREAMS = 100;
    private static final int DELTAS = 400;
    private static final long PACE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final Guarded guarding = new Guarded(request -> new Paced());
    private boolean guardedFirst;

    /** The times of the rounds, in microseconds. */
    @AuxCounters(AuxCounters.Type.EVENTS)
    @State(Scope.Thread)
    public static class Times {
        /** Without the guard. */
        public long bareMicros;

        /** With it. */
        public long guardedMicros;
    }

    /** One round of each, the other one first in every second round. */
    @Benchmark
    public void round(Times times) throws InterruptedException {
        guardedFirst = !guardedFirst;
        if (guardedFirst) {
            times.guardedMicros = micros(() -> guarding.open(new Cancellation()));
        }
        times.bareMicros = micros(Paced::new);
        if (!guardedFirst) {
            times.guardedMicros = micros(() -> guarding.open(new Cancellation()));
        }
    }

    private static long micros(Supplier<ModelStream> open) throws InterruptedException {
        long begin = System.nanoTime();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            clients.add(Thread.startVirtualThread(() -> {
                try (ModelStream stream = open.get()) {
                    for (int delta = 0; delta < DELTAS; delta++) {
                        stream.next();
                    }
                }
            }));
        }
        for (Thread client : clients) {
            client.join();
        }
        return TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - begin);
    }

    /** Gives a delta every so often, by the clock and not by the one before. */
    private static final class Paced implements ModelStream {
        private final StreamEvent event = new TextDelta("word ");
        private final long begin = System.nanoTime();
        private int given;

        @Override
        public StreamEvent next() {
            long due = begin + PACE_NANOS * ++given;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            return event;
        }

        @Override
        public void close() {}
    }
}
