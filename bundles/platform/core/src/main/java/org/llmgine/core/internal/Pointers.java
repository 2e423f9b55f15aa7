package org.llmgine.core.internal;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.llmgine.core.spi.ActiveVersions;

/** Holds for each plugin that is managed the bundle that gets new leases. */
final class Pointers implements ActiveVersions, PluginRegistry.Leading {
    private static final long LOOK_MS = 10;

    private final Collection<PluginRegistry<?>> registries;
    private final Function<String, ToolThreads> toolThreads;
    private final Map<String, Long> bundles = new ConcurrentHashMap<>();
    private final Map<String, Long> parkedUntil = new ConcurrentHashMap<>();

    /**
     * Hold none yet.
     *
     * @param registries those that follow them
     * @param toolThreads describes the threads of a plugin's tools
     */
    Pointers(Collection<PluginRegistry<?>> registries, Function<String, ToolThreads> toolThreads) {
        this.registries = registries;
        this.toolThreads = toolThreads;
    }

    @Override
    public boolean led(Origin origin) {
        Long bundle = bundles.get(origin.bundle());
        return bundle == null || bundle == origin.bundleId();
    }

    @Override
    public long parkedNanos(String bundle) {
        Long until = parkedUntil.get(bundle);
        return until == null ? 0 : until - System.nanoTime();
    }

    @Override
    public void park(String symbolicName, Duration limit) {
        parkedUntil.put(symbolicName, System.nanoTime() + limit.toNanos());
        bundles.put(symbolicName, NONE);
        registries.forEach(registry -> registry.chooseAgain(symbolicName));
    }

    @Override
    public void point(String symbolicName, long bundle) {
        bundles.put(symbolicName, bundle);
        registries.forEach(registry -> registry.chooseAgain(symbolicName));
        // Last: whoever waits must not find himself parked no longer before there is somebody to go to.
        parkedUntil.remove(symbolicName);
    }

    @Override
    public void release(String symbolicName) {
        bundles.remove(symbolicName);
        registries.forEach(registry -> registry.chooseAgain(symbolicName));
        parkedUntil.remove(symbolicName);
    }

    @Override
    public List<InstanceState> instances(long bundle) {
        return registries.stream()
                .flatMap(registry -> registry.list(bundle).stream())
                .map(Pointers::state)
                .toList();
    }

    private static InstanceState state(PluginRegistry.Listed<?> listed) {
        Origin origin = listed.origin();
        Optional<String> problem = listed.state().equals(PluginRegistry.FAILED) ? listed.problem() : Optional.empty();
        if (listed.instance().isEmpty()) {
            return new InstanceState(origin.kind(), origin.name(), problem, Optional.empty(), 0, 0, 0, 0, 0);
        }
        Instance<?> instance = listed.instance().get();
        Figures figures = instance.figures();
        return new InstanceState(
                origin.kind(),
                origin.name(),
                problem,
                instance.quarantine(),
                instance.leases(),
                figures.versionCalls(),
                figures.versionErrors(),
                figures.medianMs(),
                figures.p99Ms());
    }

    @Override
    public ToolThreads toolThreads(String plugin) {
        return toolThreads.apply(plugin);
    }

    @Override
    public boolean awaitIdle(long bundle, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (instances(bundle).stream().anyMatch(instance -> instance.leases() > 0)) {
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        }
        return true;
    }
}
