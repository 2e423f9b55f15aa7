package org.llmgine.core.internal;

import com.codahale.metrics.MetricRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.Principal;
import org.llmgine.api.engine.Engine;
import org.llmgine.api.engine.TurnEmitter;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.tool.Tool;
import org.llmgine.bus.Cancellation;
import org.llmgine.bus.LogLimit;
import org.llmgine.bus.internal.RoundTimer;
import org.llmgine.core.command.RunTurn;
import org.llmgine.core.command.TurnSummary;
import org.llmgine.testkit.DirectBus;
import org.llmgine.testkit.FakeSettings;
import org.osgi.framework.Version;

/** The host's parts without a framework: services are added by hand, and time stands still until it is moved. */
final class TestHost {
    final MetricRegistry metrics = new MetricRegistry();
    final RoundTimer timer = new RoundTimer(false);
    final AtomicLong nanos = new AtomicLong(1);
    final Set<Long> waitingBundles = new HashSet<>();
    final PluginRegistry<Engine> engines = registry(LlmginePlugin.ENGINE);
    final PluginRegistry<HostedProvider> providers = registry(LlmginePlugin.PROVIDER);
    final PluginRegistry<HostedTool> hostedTools = registry(LlmginePlugin.TOOL);
    final DirectBus bus = new DirectBus();
    final Tools tools = new Tools(hostedTools, metrics, this::settings, bus);
    final Models models = new Models(providers, this::settings, timer, nanos::get);
    final Turns turns = new Turns(engines, models, tools, this::settings, timer, nanos::get, new Narrator(bus));
    final AtomicBoolean stops = new AtomicBoolean();
    final MetricRegistry sessionMetrics = new MetricRegistry();
    final BrittleStore store;
    final InstantSource clock = () -> Instant.EPOCH.plusNanos(nanos.get());
    final SessionTurns sessionTurns;
    final Sessions sessions;
    final Approvals approvals;
    final Cancellation cancellation = new Cancellation();

    private final Map<String, Object> values = new HashMap<>(
            Map.of("successorWaitMs", 0L, "retryDelayMs", 1L, "retryMaxDelayMs", 1000L, "defaultModel", "fake/demo"));
    private volatile Settings settings = Settings.of(FakeSettings.of(CoreSettings.class, values));
    private long serviceIds;

    TestHost() {
        this(new BrittleStore(), 1);
    }

    /**
     * Make a host beside, or after, others.
     *
     * @param store what it shares with them
     * @param now at what time it starts, in nanoseconds
     */
    TestHost(BrittleStore store, long now) {
        this.store = store;
        nanos.set(now);
        sessionTurns = new SessionTurns(
                store,
                store,
                bus,
                turns,
                this::settings,
                timer,
                nanos::get,
                clock,
                sessionMetrics,
                stops::get,
                new Narrator(bus));
        sessions = new Sessions(
                store, sessionTurns, new SessionDrafts(engines, models, tools), this::settings, clock, sessionMetrics);
        approvals = new Approvals(store, sessionTurns, this::settings, nanos::get, clock, bus);
        timer.watch(approvals);
    }

    Settings settings() {
        return settings;
    }

    TestHost set(String name, Object value) {
        values.put(name, value);
        settings = Settings.of(FakeSettings.of(CoreSettings.class, values));
        return this;
    }

    Instance<HostedProvider> add(String name, ModelProvider provider) {
        Origin origin = origin(LlmginePlugin.PROVIDER, name, name, "1.0.0");
        return providers.add(origin, new HostedProvider(origin, provider), Optional.empty());
    }

    Instance<Engine> add(String name, Engine engine) {
        return engines.add(origin(LlmginePlugin.ENGINE, name, name, "1.0.0"), engine, Optional.empty());
    }

    Instance<HostedTool> add(String plugin, Tool<?> tool) {
        PluginTracker.Bound<HostedTool> bound =
                HostedTool.bind(origin(LlmginePlugin.TOOL, plugin, plugin, "1.0.0"), tool);
        return hostedTools.add(bound.origin(), bound.service(), Optional.empty());
    }

    Origin origin(String kind, String name, String plugin, String version) {
        long id = ++serviceIds;
        return new Origin(
                kind,
                name,
                plugin,
                new Version(version),
                "test." + plugin,
                1,
                id,
                0,
                getClass().getClassLoader(),
                new LogLimit());
    }

    TurnSummary run(ModelRequest request, TurnEmitter emitter) {
        return turns.run(new RunTurn(new Principal("ann", Set.of(Principal.USER)), request, emitter, cancellation));
    }

    /** Let so much time pass and the timer look. */
    void pass(long millis) {
        timer.round(nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis)));
    }

    static <T> CompletableFuture<T> async(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, Thread::startVirtualThread);
    }

    /** Read a figure of the sessions. */
    Object gauge(String name) {
        return Objects.requireNonNull(sessionMetrics.getGauges().get(name), name)
                .getValue();
    }

    /** Wait for what another thread is about to do. */
    static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("It didn't come about within 10 s.");
            }
            Thread.onSpinWait();
        }
    }

    static List<String> names(List<? extends PluginRegistry.Listed<?>> listed) {
        return listed.stream()
                .map(entry -> entry.origin().name() + " " + entry.origin().version() + " " + entry.state())
                .toList();
    }

    private <T> PluginRegistry<T> registry(String kind) {
        return new PluginRegistry<>(kind, metrics, timer, origin -> true, waitingBundles::contains, plugin -> {
            if (kind.equals(LlmginePlugin.TOOL)) {
                this.tools.forget(plugin);
            }
        });
    }
}
