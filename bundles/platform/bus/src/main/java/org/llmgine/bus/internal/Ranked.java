package org.llmgine.bus.internal;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.osgi.framework.ServiceReference;

/**
 * Keeps services in the order of their ranking, highest first.
 *
 * @param <T> the type of service
 */
final class Ranked<T> {
    private final Map<ServiceReference<?>, T> services = new TreeMap<>(Comparator.reverseOrder());
    private final Consumer<List<T>> receiver;

    /** Make a keeper that hands each new list over. */
    Ranked(Consumer<List<T>> receiver) {
        this.receiver = receiver;
    }

    synchronized void add(ServiceReference<?> reference, T service) {
        services.put(reference, service);
        receiver.accept(List.copyOf(services.values()));
    }

    synchronized void remove(ServiceReference<?> reference) {
        services.remove(reference);
        receiver.accept(List.copyOf(services.values()));
    }
}
