package org.llmgine.core.internal;

import com.codahale.metrics.MetricRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.llmgine.api.message.Message;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.bus.Cancellation;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.osgi.framework.Version;

/** What the guard adds to a call and to each event of its stream. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class GuardBenchmark {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final ModelRequest request =
            ModelRequest.builder("any").messages(List.of(Message.user("go"))).build();
    private final Settings settings = new Settings(
            List.of("any/any"),
            Map.of(),
            MINUTE,
            MINUTE,
            MINUTE,
            MINUTE,
            MINUTE,
            MINUTE,
            MINUTE,
            100,
            100,
            new Settings.Retrying(2, Duration.ofMillis(250), Duration.ofSeconds(5), 10, Duration.ofSeconds(10)),
            8,
            MINUTE,
            100,
            100_000,
            new Settings.OfSessions("tool-chat", MINUTE, MINUTE, 1, 1, 1, 1),
            new Settings.OfApprovals(Map.of(), true, MINUTE));
    private final Instance<HostedProvider> instance = instance();
    private final Cancellation cancellation = new Cancellation();
    private ModelStream bare = new Endless();
    private ModelStream guarded = bare;

    @Setup
    public void open() {
        guarded = call();
    }

    @Benchmark
    public StreamEvent bareEvent() {
        return bare.next();
    }

    @Benchmark
    public StreamEvent guardedEvent() {
        return guarded.next();
    }

    @Benchmark
    public boolean guardedReadiness() {
        return guarded.isReady();
    }

    @Benchmark
    public ModelStream guardedCall() {
        ModelStream stream = call();
        stream.close();
        return stream;
    }

    private ModelStream call() {
        instance.acquire();
        return GuardedStream.open(
                instance,
                request,
                () -> {},
                settings,
                watch -> () -> {},
                System::nanoTime,
                System.nanoTime(),
                cancellation);
    }

    private static Instance<HostedProvider> instance() {
        Origin origin = new Origin(
                "provider", "any", "any", Version.emptyVersion, "any", 1, 1, 0, GuardBenchmark.class.getClassLoader());
        return new Instance<>(
                origin,
                new HostedProvider(origin, new Provider()),
                Optional.empty(),
                new Figures(new MetricRegistry(), "provider", "any", "any"));
    }

    private static final class Provider implements ModelProvider {
        @Override
        public List<ModelInfo> models() {
            return List.of();
        }

        @Override
        public ModelStream open(ModelRequest request) {
            return new Endless();
        }
    }

    private static final class Endless implements ModelStream {
        private final StreamEvent event = new TextDelta("word ");

        @Override
        public StreamEvent next() {
            return event;
        }

        @Override
        public void close() {}
    }
}
