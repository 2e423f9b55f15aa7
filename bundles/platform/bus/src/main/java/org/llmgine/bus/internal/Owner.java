package org.llmgine.bus.internal;

import org.jspecify.annotations.Nullable;

/**
 * Whose a handler, a listener or a message is.
 *
 * @param bundle the bundle's symbolic name; empty for none
 * @param loader the bundle's class loader; null for the caller's
 */
record Owner(String bundle, @Nullable ClassLoader loader) {
    static final Owner NONE = new Owner("", null);

    String origin(String component) {
        return bundle.isEmpty() ? component : bundle + "/" + component;
    }
}
