package org.llmgine.plugins.internal;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleWiring;

/** Counts the class loaders of each plugin that have not been collected, whatever became of their bundles. Thread-safe. */
final class Generations {
    private final Map<String, List<WeakReference<ClassLoader>>> loaders = new HashMap<>();

    /** Take a bundle in that has begun to start. */
    synchronized void note(Bundle bundle) {
        BundleWiring wiring = bundle.adapt(BundleWiring.class);
        if (wiring == null) {
            return;
        }
        ClassLoader loader = wiring.getClassLoader();
        List<WeakReference<ClassLoader>> known =
                loaders.computeIfAbsent(bundle.getSymbolicName(), any -> new ArrayList<>());
        known.removeIf(reference -> reference.refersTo(null));
        if (known.stream().noneMatch(reference -> reference.refersTo(loader))) {
            known.add(new WeakReference<>(loader));
        }
    }

    synchronized int live(String symbolicName) {
        return (int) loaders.getOrDefault(symbolicName, List.of()).stream()
                .filter(reference -> !reference.refersTo(null))
                .count();
    }
}
