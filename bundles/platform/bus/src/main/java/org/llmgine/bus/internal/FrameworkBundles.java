package org.llmgine.bus.internal;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;

/** Finds classes in the framework's bundles; of several versions of one the newest that is active counts. */
record FrameworkBundles(BundleContext context) implements Messages.Bundles {
    @Override
    public String nameOf(Class<?> type) {
        return Optional.ofNullable(FrameworkUtil.getBundle(type))
                .map(Bundle::getSymbolicName)
                .orElse("");
    }

    @Override
    public Optional<Class<?>> find(String bundle, String className) {
        return Arrays.stream(context.getBundles())
                .filter(one -> bundle.equals(one.getSymbolicName()) && one.getState() == Bundle.ACTIVE)
                .max(Comparator.comparing(Bundle::getVersion))
                .flatMap(one -> load(one, className));
    }

    private static Optional<Class<?>> load(Bundle bundle, String className) {
        try {
            return Optional.of(bundle.loadClass(className));
        } catch (ClassNotFoundException | LinkageError | RuntimeException e) {
            // The last for a bundle that was taken out in between.
            return Optional.empty();
        }
    }
}
