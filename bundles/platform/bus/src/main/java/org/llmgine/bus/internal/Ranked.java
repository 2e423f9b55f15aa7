package org.llmgine.bus.internal;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;

/**
 * Keeps services in the order of their ranking, highest first.
 *
 * @param <T> the type of service
 */
final class Ranked<T> {
    private static final Comparator<ServiceReference<?>> ORDER = Comparator.<ServiceReference<?>>comparingInt(
                    Ranked::ranking)
            .reversed()
            .thenComparing(Comparator.reverseOrder());

    private final Map<ServiceReference<?>, T> services = new HashMap<>();
    private final Consumer<List<T>> receiver;

    /** Make a keeper that hands each new list over. */
    Ranked(Consumer<List<T>> receiver) {
        this.receiver = receiver;
    }

    synchronized void add(ServiceReference<?> reference, T service) {
        services.put(reference, service);
        handOver();
    }

    synchronized void remove(ServiceReference<?> reference) {
        services.remove(reference);
        handOver();
    }

    private void handOver() {
        receiver.accept(services.entrySet().stream()
                .sorted(Map.Entry.comparingByKey(ORDER))
                .map(Map.Entry::getValue)
                .toList());
    }

    /** Return the ranking; what comes from a file of settings is a text, which the framework would take for 0. */
    static int ranking(ServiceReference<?> reference) {
        return switch (reference.getProperty(Constants.SERVICE_RANKING)) {
            case Integer number -> number;
            case String text when text.strip().matches("[+-]?\\d{1,9}") -> Integer.parseInt(text.strip());
            case null, default -> 0;
        };
    }
}
