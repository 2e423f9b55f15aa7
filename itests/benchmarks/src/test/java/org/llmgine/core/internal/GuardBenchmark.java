package org.llmgine.core.internal;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.llmgine.api.Principal;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.tool.Tool;
import org.llmgine.api.tool.ToolContext;
import org.llmgine.api.tool.ToolDefinition;
import org.llmgine.api.tool.ToolResult;
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

/** What the guard adds to a call and to each event of its stream. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class GuardBenchmark {
    private final Guarded guarding = new Guarded(request -> new Endless());
    private final NoOp bareTool = new NoOp();
    private final PluginRegistry<HostedTool> tools = guarding.tool(bareTool);
    private final ToolPool pool = new ToolPool("noop", 1);
    private final ToolCall toolCall = new ToolCall("call_1", "noop", "{}");
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

    /** Lease, breaker, containment, figures and arguments of a tool that does nothing, on the caller's thread. */
    @Benchmark
    public ToolResult guardedTool() throws Exception {
        Instance<HostedTool> instance = tools.tryAcquire("noop").orElseThrow();
        Breaker.Permit permit =
                instance.breaker(guarding.settings().retrying()).permit().orElseThrow();
        ToolTask task = new ToolTask(instance, toolCall, NoOp.CONTEXT, pool, Optional.empty(), permit);
        task.run();
        return task.get();
    }

    /** The same tool, without. */
    @Benchmark
    public ToolResult bareTool() {
        return bareTool.call(new NoOp.Arguments(), NoOp.CONTEXT);
    }

    private ModelStream call() {
        return guarding.open(cancellation);
    }

    private static final class NoOp implements Tool<NoOp.Arguments> {
        private static final ToolResult RESULT = ToolResult.text("");
        private static final ToolContext CONTEXT =
                new Context(Principal.SYSTEM, "turn_1", "call_1", Instant.MAX, false);

        /** None. */
        public record Arguments() {}

        private record Context(Principal principal, String turnId, String callId, Instant deadline, boolean cancelled)
                implements ToolContext {}

        @Override
        public ToolDefinition<Arguments> definition() {
            return new ToolDefinition<>(
                    "noop",
                    "Do nothing.",
                    Arguments.class,
                    Optional.of("{\"type\":\"object\"}"),
                    Optional.empty(),
                    false);
        }

        @Override
        public ToolResult call(Arguments arguments, ToolContext context) {
            return RESULT;
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
