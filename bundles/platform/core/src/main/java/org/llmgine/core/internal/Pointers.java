package org.llmgine.core.internal;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.llmgine.core.spi.ActiveVersions;

/** Holds for each plugin that is managed the bundle that gets new leases. */
final class Pointers implements ActiveVersions {
    private static final long LOOK_MS = 10;

    private final Collection<PluginRegistry<?>> registries;
    private final Map<String, Long> bundles = new ConcurrentHashMap<>();

    /**
     * Hold none yet.
     *
     * @param registries those that follow them
     */
    Pointers(Collection<PluginRegistry<?>> registries) {
        this.registries = registries;
    }

    /** Tell whether a service may get new leases. */
    boolean led(Origin origin) {
        Long bundle = bundles.get(origin.bundle());
        return bundle == null || bundle == origin.bundleId();
    }

    @Override
    public void point(String symbolicName, long bundle) {
        bundles.put(symbolicName, bundle);
        registries.forEach(registry -> registry.chooseAgain(symbolicName));
    }

    @Override
    public void release(String symbolicName) {
        bundles.remove(symbolicName);
        registries.forEach(registry -> registry.chooseAgain(symbolicName));
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
        return new InstanceState(
                origin.kind(),
                origin.name(),
                listed.state().equals(PluginRegistry.FAILED) ? listed.problem() : Optional.empty(),
                listed.instance().map(Instance::leases).orElse(0),
                listed.instance()
                        .map(instance -> instance.figures().versionCalls())
                        .orElse(0L),
                listed.instance()
                        .map(instance -> instance.figures().versionErrors())
                        .orElse(0L));
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
