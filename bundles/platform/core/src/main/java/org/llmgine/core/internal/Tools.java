package org.llmgine.core.internal;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.tool.ToolContext;
import org.llmgine.api.tool.ToolResult;
import org.llmgine.api.tool.ToolSpec;
import org.llmgine.bus.Cancellation;

/** Runs tool calls, each in its plugin's pool; whatever goes wrong becomes a result that the model reads. */
final class Tools {
    private final PluginRegistry<HostedTool> registry;
    private final MetricRegistry metrics;
    private final Supplier<Settings> settings;
    private final ConcurrentHashMap<String, ToolPool> pools = new ConcurrentHashMap<>();

    Tools(PluginRegistry<HostedTool> registry, MetricRegistry metrics, Supplier<Settings> settings) {
        this.registry = registry;
        this.metrics = metrics;
        this.settings = settings;
    }

    /** Holds a result and the time that it took. */
    record Done(ToolResult result, Duration elapsed) {}

    /** Return what models are shown of the tools that there are now. */
    List<ToolSpec> specs() {
        return registry.active().stream()
                .map(instance -> instance.service().spec())
                .toList();
    }

    /** Tell whether there is a tool of this name, or was not long ago. */
    boolean knows(String name) {
        return registry.knows(name);
    }

    /** Return the names of the tools that there are now, sorted. */
    List<String> names() {
        return registry.names();
    }

    /** Count the threads of a plugin's tools that ignored their interrupt and still run. */
    int stuck(String plugin) {
        ToolPool pool = pools.get(plugin);
        return pool == null ? 0 : pool.stuck();
    }

    /** Drop the pool of a plugin that is gone; its idle threads end by themselves. */
    void forget(String plugin) {
        if (registry.list().stream()
                .noneMatch(listed -> listed.origin().plugin().equals(plugin))) {
            pools.remove(plugin);
            metrics.remove(stuckName(plugin));
        }
    }

    /**
     * Begin a call.
     *
     * @param offered the tools that the model was shown; no other is run
     */
    Pending begin(
            ToolCall call, List<ToolSpec> offered, Principal principal, String turnId, Cancellation cancellation) {
        Pending pending =
                new Pending(call, new FutureTask<>(() -> run(call, offered, principal, turnId, cancellation)));
        Thread.ofVirtual().name("llmgine-tool-call-" + call.name()).start(pending.future);
        return pending;
    }

    private Done run(
            ToolCall call, List<ToolSpec> offered, Principal principal, String turnId, Cancellation cancellation) {
        long started = System.nanoTime();
        ToolResult result;
        try {
            cancellation.check();
            List<String> names = offered.stream().map(ToolSpec::name).toList();
            if (!names.contains(call.name())) {
                throw NearNames.hint(
                        new LlmgineException(ErrorCode.NOT_FOUND, "There is no tool '" + call.name() + "'."),
                        call.name(),
                        names);
            }
            result = run(call, principal, turnId, cancellation);
        } catch (LlmgineException e) {
            cancellation.check();
            result = error(e);
        }
        return new Done(result, Duration.ofNanos(System.nanoTime() - started));
    }

    private ToolResult run(ToolCall call, Principal principal, String turnId, Cancellation cancellation) {
        Settings now = settings.get();
        Instance<HostedTool> instance = registry.acquire(call.name(), now.successorWait(), cancellation);
        if (instance.service().needsApproval()) {
            instance.release();
            throw new LlmgineException(
                            ErrorCode.FORBIDDEN,
                            "The tool '" + call.name()
                                    + "' needs a person's approval, which this request can't wait for.")
                    .withHint("Answer without it.");
        }
        Duration timeout = instance.service().timeout().orElse(now.toolTimeout());
        ToolPool pool = pool(instance.origin().plugin(), now.toolThreads());
        CallContext context =
                new CallContext(principal, turnId, call.id(), Instant.now().plus(timeout), cancellation);
        ToolTask task = new ToolTask(instance, call, context, pool);
        pool.execute(task);
        try {
            return task.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            task.abandon();
            throw new LlmgineException(
                    ErrorCode.TIMEOUT,
                    "The tool '" + call.name() + "' gave no result within " + timeout.toMillis() + " ms.");
        } catch (InterruptedException e) {
            task.abandon();
            throw new LlmgineException(ErrorCode.CANCELLED, "The tool call was cancelled.");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    static ToolResult error(LlmgineException failure) {
        return ToolResult.error(
                failure.getMessage() + failure.hint().map(hint -> " " + hint).orElse(""));
    }

    private ToolPool pool(String plugin, int threads) {
        ToolPool pool = pools.computeIfAbsent(plugin, id -> {
            ToolPool made = new ToolPool(id, threads);
            Gauge<Integer> stuck = made::stuck;
            metrics.gauge(stuckName(id), () -> stuck);
            return made;
        });
        pool.resize(threads);
        return pool;
    }

    private static String stuckName(String plugin) {
        return "llmgine_tool_threads_stuck{plugin=\"" + Figures.label(plugin) + "\"}";
    }

    /** A call under way. */
    static final class Pending {
        private final ToolCall call;
        private final FutureTask<Done> future;

        private Pending(ToolCall call, FutureTask<Done> future) {
            this.call = call;
            this.future = future;
        }

        ToolCall call() {
            return call;
        }

        /** Interrupt the call unless it is over. */
        void cancel() {
            future.cancel(true);
        }

        /** Wait for the result; throws the reason of a cancellation. */
        Done await(Cancellation cancellation) {
            try {
                return future.get();
            } catch (CancellationException | InterruptedException e) {
                cancellation.check();
                throw new LlmgineException(ErrorCode.CANCELLED, "The tool calls were cancelled.", e);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof LlmgineException reason) {
                    throw reason;
                }
                throw new IllegalStateException(e.getCause());
            }
        }
    }

    private record CallContext(
            Principal principal, String turnId, String callId, Instant deadline, Cancellation cancellation)
            implements ToolContext {
        @Override
        public boolean cancelled() {
            return cancellation.isCancelled() || Instant.now().isAfter(deadline);
        }
    }
}
