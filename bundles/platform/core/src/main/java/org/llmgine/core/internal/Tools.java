package org.llmgine.core.internal;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
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
import org.llmgine.api.bus.MessageBus;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.tool.ToolContext;
import org.llmgine.api.tool.ToolResult;
import org.llmgine.api.tool.ToolSpec;
import org.llmgine.bus.Cancellation;
import org.llmgine.core.session.SessionSettings;
import org.llmgine.core.spi.ActiveVersions;

/** Runs tool calls, each in its plugin's pool; whatever goes wrong becomes a result that the model reads. */
final class Tools {
    private final PluginRegistry<HostedTool> registry;
    private final MetricRegistry metrics;
    private final Supplier<Settings> settings;
    private final MessageBus bus;
    private final ConcurrentHashMap<String, ToolPool> pools = new ConcurrentHashMap<>();

    Tools(PluginRegistry<HostedTool> registry, MetricRegistry metrics, Supplier<Settings> settings, MessageBus bus) {
        this.bus = bus;
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

    /** Describe the threads of a plugin's tools. */
    ActiveVersions.ToolThreads threads(String plugin) {
        ToolPool pool = pools.get(plugin);
        return pool == null ? new ActiveVersions.ToolThreads(0, List.of()) : pool.describe();
    }

    /** Drop the pool of a plugin that is gone; its idle threads end by themselves. */
    void forget(String plugin) {
        if (registry.list().stream()
                .noneMatch(listed -> listed.origin().plugin().equals(plugin))) {
            pools.remove(plugin);
            metrics.remove(stuckName(plugin));
        }
    }

    /** Tells whether a tool may be run. */
    interface Permit {
        /**
         * Check that a call may be made now.
         *
         * @param needsApproval what the tool itself says
         * @throws LlmgineException what the model is told when it may not
         */
        void check(String tool, boolean needsApproval);
    }

    /**
     * Begin a call.
     *
     * @param offered the tools that the model was shown; no other is run
     */
    Pending begin(
            ToolCall call,
            List<ToolSpec> offered,
            Permit permit,
            Principal principal,
            String turnId,
            Cancellation cancellation) {
        Callable<Done> work = () -> run(call, offered, permit, principal, turnId, cancellation);
        // What the tool sends belongs to the message that runs the turn.
        Callable<Done> bound = bus.current()
                .<Callable<Done>>map(sender -> () -> sender.call(work))
                .orElse(work);
        Pending pending = new Pending(call, new FutureTask<>(bound));
        Thread.ofVirtual().name("llmgine-tool-call-" + call.name()).start(pending.future);
        return pending;
    }

    /** Return a call whose result is there without it. */
    Pending given(ToolCall call, ToolResult result) {
        Pending pending = new Pending(call, new FutureTask<>(() -> new Done(result, Duration.ZERO)));
        pending.future.run();
        return pending;
    }

    /** Tell whether a call must wait for a person; one that would fail doesn't. */
    boolean asks(ToolCall call, List<ToolSpec> offered, ApprovalPolicy policy, Cancellation cancellation) {
        if (offered.stream().noneMatch(tool -> tool.name().equals(call.name()))) {
            return false;
        }
        Instance<HostedTool> instance;
        try {
            instance = registry.acquire(call.name(), settings.get().successorWait(), cancellation);
        } catch (LlmgineException e) {
            cancellation.check();
            return false;
        }
        try {
            return policy.of(call.name(), instance.service().needsApproval()).equals(SessionSettings.ASK);
        } finally {
            instance.release();
        }
    }

    private Done run(
            ToolCall call,
            List<ToolSpec> offered,
            Permit permit,
            Principal principal,
            String turnId,
            Cancellation cancellation) {
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
            result = run(call, permit, principal, turnId, cancellation);
        } catch (LlmgineException e) {
            cancellation.check();
            result = error(e);
        }
        return new Done(result, Duration.ofNanos(System.nanoTime() - started));
    }

    private ToolResult run(
            ToolCall call, Permit permit, Principal principal, String turnId, Cancellation cancellation) {
        Settings now = settings.get();
        Instance<HostedTool> instance = registry.acquire(call.name(), now.successorWait(), cancellation);
        try {
            permit.check(call.name(), instance.service().needsApproval());
        } catch (LlmgineException e) {
            instance.release();
            throw e;
        }
        Breaker breaker = instance.breaker(now.retrying());
        Optional<Breaker.Permit> permitted = breaker.permit();
        if (permitted.isEmpty()) {
            instance.release();
            throw breaker.refusal("The tool '" + call.name() + "'");
        }
        Duration timeout = instance.service().timeout().orElse(now.toolTimeout());
        ToolPool pool = pool(instance.origin().plugin(), now.toolThreads());
        CallContext context =
                new CallContext(principal, turnId, call.id(), Instant.now().plus(timeout), cancellation);
        ToolTask task = new ToolTask(instance, call, context, pool, bus.current(), permitted.get());
        pool.execute(task);
        try {
            return task.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw abandoned(
                    task,
                    new LlmgineException(
                            ErrorCode.TIMEOUT,
                            "The tool '" + call.name() + "' gave no result within " + timeout.toMillis() + " ms."));
        } catch (InterruptedException e) {
            throw abandoned(task, new LlmgineException(ErrorCode.CANCELLED, "The tool call was cancelled."));
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static LlmgineException abandoned(ToolTask task, LlmgineException reason) {
        task.abandon(reason);
        return reason;
    }

    static ToolResult error(LlmgineException failure) {
        return ToolResult.error(
                failure.getMessage() + failure.hint().map(hint -> " " + hint).orElse(""));
    }

    private ToolPool pool(String plugin, int threads) {
        ToolPool pool = pools.computeIfAbsent(plugin, id -> {
            ToolPool made = new ToolPool(id, threads);
            Gauge<Integer> stuck = () -> made.describe().leftBehind().size();
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
