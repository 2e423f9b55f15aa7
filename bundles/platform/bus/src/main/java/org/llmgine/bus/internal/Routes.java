package org.llmgine.bus.internal;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A set of listeners at one moment, and the plans made of it. */
final class Routes {
    static final Routes NONE = new Routes(null, List.of());

    private final @Nullable Routes inherited;
    private final List<ListenerEntry> own;
    private final Map<Class<?>, Plan> plans = new ConcurrentHashMap<>();

    private Routes(@Nullable Routes inherited, List<ListenerEntry> own) {
        this.inherited = inherited;
        this.own = own;
    }

    int size() {
        return own.size();
    }

    /** Tell whether it goes on from these. */
    boolean inherits(Routes others) {
        return inherited == others;
    }

    Routes inheriting(Routes others) {
        return new Routes(others, own);
    }

    /** Return the same without the plans, which hold classes of messages. */
    Routes forgetting() {
        return new Routes(inherited, own);
    }

    Routes with(ListenerEntry entry) {
        return new Routes(
                inherited, Stream.concat(own.stream(), Stream.of(entry)).toList());
    }

    Routes without(ListenerEntry entry) {
        return new Routes(
                inherited, own.stream().filter(other -> other != entry).toList());
    }

    Plan plan(Class<?> event) {
        Plan known = plans.get(event);
        return known != null ? known : plans.computeIfAbsent(event, type -> Plan.of(type, all()));
    }

    private Stream<ListenerEntry> all() {
        return inherited == null ? own.stream() : Stream.concat(inherited.all(), own.stream());
    }
}
