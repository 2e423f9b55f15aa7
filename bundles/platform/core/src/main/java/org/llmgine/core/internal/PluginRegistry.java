package org.llmgine.core.internal;

import com.codahale.metrics.MetricRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.bus.Cancellation;
import org.llmgine.bus.HostTimer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the instances of one kind and gives leases on them.
 *
 * <p>Each name has a slot with the active instance, which gets new leases; {@link #choose} decides which one that is. A slot
 * outlives its instances: its callers wait for a successor.
 */
final class PluginRegistry<T> {
    private static final Logger LOG = LoggerFactory.getLogger(PluginRegistry.class);
    /** When a call that found nobody is worth another try. */
    static final Duration RETRY_AFTER = Duration.ofSeconds(5);

    static final String FAILED = "failed";

    private static final Duration FORGET_AFTER = Duration.ofSeconds(60);
    private static final Comparator<Origin> NEWEST_LAST =
            Comparator.comparing(Origin::version).thenComparingLong(Origin::serviceId);
    private static final Comparator<Origin> CHOSEN_LAST =
            Comparator.comparingInt(Origin::ranking).thenComparing(NEWEST_LAST);

    private final String kind;
    private final MetricRegistry metrics;
    private final HostTimer timer;
    private final Leading leading;
    private final LongPredicate bundleWaits;
    private final Consumer<String> forgotten;
    private final ConcurrentHashMap<String, Slot<T>> slots = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /**
     * Make a registry.
     *
     * @param leading says who may get new leases
     * @param bundleWaits tells of a bundle's id whether it is installed but not active, so that its instances may come back
     * @param forgotten is told the plugin's id a while after an instance has gone
     */
    PluginRegistry(
            String kind,
            MetricRegistry metrics,
            HostTimer timer,
            Leading leading,
            LongPredicate bundleWaits,
            Consumer<String> forgotten) {
        this.kind = kind;
        this.metrics = metrics;
        this.timer = timer;
        this.leading = leading;
        this.bundleWaits = bundleWaits;
        this.forgotten = forgotten;
    }

    /** Says who may get new leases. */
    interface Leading {
        /** Tell whether a service may get new leases at all. */
        boolean led(Origin origin);

        /** Say for how long callers of a bundle, by its symbolic name, wait for its successor at least; 0 for not longer. */
        default long parkedNanos(String bundle) {
            return 0;
        }
    }

    /** What {@link #list} tells of one service. */
    record Listed<T>(Origin origin, String state, Optional<String> problem, Optional<Instance<T>> instance) {}

    /**
     * Add a service that may be called.
     *
     * @param notice what is amiss with it all the same
     */
    Instance<T> add(Origin origin, T service, Optional<String> notice) {
        lock.lock();
        try {
            Slot<T> slot = slot(origin);
            Instance<T> instance = new Instance<>(
                    origin, service, notice, slot.figures(origin, metrics).forVersion());
            slot.instances.put(origin.serviceId(), instance);
            choose(slot);
            return instance;
        } finally {
            lock.unlock();
        }
    }

    /** Add a service that is left out. */
    void addFailed(Origin origin, String problem) {
        lock.lock();
        try {
            slot(origin)
                    .failed
                    .put(origin.serviceId(), new Listed<>(origin, FAILED, Optional.of(problem), Optional.empty()));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Take one service out, and no other of the same name.
     *
     * @return its instance, draining; empty when it was left out or is not known
     */
    Optional<Instance<T>> remove(String name, long serviceId) {
        lock.lock();
        try {
            Slot<T> slot = slots.get(name);
            if (slot == null) {
                return Optional.empty();
            }
            slot.failed.remove(serviceId);
            Instance<T> instance = slot.instances.remove(serviceId);
            if (instance != null) {
                slot.drained.add(instance);
                // The successor, if there is one, is in place before the first lease is refused here.
                choose(slot);
                instance.drain(() -> dropDrained(slot, instance));
            }
            if (slot.isEmpty()) {
                forgetLater(slot);
            }
            return Optional.ofNullable(instance);
        } finally {
            lock.unlock();
        }
    }

    /** Let go of an instance that nobody uses any more, and with it of its plugin's classes. */
    private void dropDrained(Slot<T> slot, Instance<T> instance) {
        lock.lock();
        try {
            slot.drained.remove(instance);
        } finally {
            lock.unlock();
        }
    }

    /** Decide anew about the names that a bundle of a symbolic name serves, since other ones of them may lead now. */
    void chooseAgain(String bundle) {
        lock.lock();
        try {
            slots.values().stream()
                    .filter(slot -> slot.instances.values().stream()
                            .anyMatch(instance -> instance.origin().bundle().equals(bundle)))
                    .forEach(this::choose);
        } finally {
            lock.unlock();
        }
    }

    /** Describe what a bundle has registered. */
    List<Listed<T>> list(long bundle) {
        return list().stream()
                .filter(listed -> listed.origin().bundleId() == bundle)
                .toList();
    }

    /** Tell whether a service is left out. */
    boolean isFailed(String name, long serviceId) {
        lock.lock();
        try {
            Slot<T> slot = slots.get(name);
            return slot != null && slot.failed.containsKey(serviceId);
        } finally {
            lock.unlock();
        }
    }

    /** Change what is amiss with a service that serves all the same. */
    void notice(String name, long serviceId, Optional<String> notice) {
        lock.lock();
        try {
            Slot<T> slot = slots.get(name);
            Instance<T> instance = slot == null ? null : slot.instances.get(serviceId);
            if (instance != null) {
                instance.notice(notice);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Take a lease on the active instance of a name, if there is one now. */
    Optional<Instance<T>> tryAcquire(String name) {
        Slot<T> slot = slots.get(name);
        return slot == null ? Optional.empty() : Optional.ofNullable(slot.acquire());
    }

    /**
     * Take a lease on the active instance of a name; while the name is known but nobody serves it, wait for a successor.
     *
     * @throws LlmgineException {@code model_not_found} for a name that isn't known, {@code unavailable} when no successor
     *     came in time, the reason when it is cancelled
     */
    Instance<T> acquire(String name, Duration successorWait, Cancellation cancellation) {
        Slot<T> slot = slots.get(name);
        Instance<T> instance = slot == null ? null : slot.acquire();
        return instance != null ? instance : await(name, successorWait, cancellation);
    }

    private Instance<T> await(String name, Duration limit, Cancellation cancellation) {
        try (HostTimer.Registration waking = cancellation.onCancel(this::wake)) {
            lock.lockInterruptibly();
            try {
                long begin = System.nanoTime();
                while (true) {
                    cancellation.check();
                    Slot<T> slot = slots.get(name);
                    if (slot == null) {
                        throw unknown(name);
                    }
                    Instance<T> instance = slot.acquire();
                    if (instance != null) {
                        return instance;
                    }
                    boolean hopeless = slot.failed.values().stream().anyMatch(failed -> leading.led(failed.origin()));
                    long left = Math.max(
                            limit.toNanos() - (System.nanoTime() - begin), leading.parkedNanos(slot.lastBundle));
                    if (left <= 0 || hopeless) {
                        throw slot.unavailable(kind, hopeless);
                    }
                    changed.awaitNanos(left);
                }
            } finally {
                lock.unlock();
            }
        } catch (InterruptedException e) {
            cancellation.check();
            throw new LlmgineException(
                    ErrorCode.CANCELLED, "The wait for the " + kind + " '" + name + "' was interrupted.");
        }
    }

    private void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Tell whether a name is served, or was not long ago. */
    boolean knows(String name) {
        return slots.containsKey(name);
    }

    /** Return the names that are served now, sorted. */
    List<String> names() {
        return slots.entrySet().stream()
                .filter(entry -> entry.getValue().active != null)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /** Return the instances that new leases get now, by name. */
    List<Instance<T>> active() {
        return names().stream()
                .map(slots::get)
                .map(slot -> slot == null ? null : slot.active)
                .filter(Objects::nonNull)
                .toList();
    }

    /** Describe every service, the draining ones included, by name and version. */
    List<Listed<T>> list() {
        lock.lock();
        try {
            List<Listed<T>> listed = new ArrayList<>();
            for (Slot<T> slot : slots.values()) {
                listed.addAll(slot.failed.values());
                for (Instance<T> instance : slot.instances.values()) {
                    Optional<String> problem = slot.problem(instance);
                    String state = problem.isPresent() ? FAILED : slot.state(instance);
                    listed.add(new Listed<>(
                            instance.origin(), state, problem.or(instance::notice), Optional.of(instance)));
                }
                slot.drained.stream()
                        .filter(instance -> instance.leases() > 0)
                        .forEach(instance -> listed.add(
                                new Listed<>(instance.origin(), "draining", Optional.empty(), Optional.of(instance))));
            }
            listed.sort(Comparator.comparing((Listed<T> entry) -> entry.origin().name())
                    .thenComparing(Listed::origin, NEWEST_LAST));
            return listed;
        } finally {
            lock.unlock();
        }
    }

    /** Say that a name isn't known, and what is. */
    LlmgineException unknown(String name) {
        return NearNames.hint(
                new LlmgineException(ErrorCode.MODEL_NOT_FOUND, "There is no " + kind + " '" + name + "'."),
                name,
                names());
    }

    private Slot<T> slot(Origin origin) {
        Slot<T> slot = slots.computeIfAbsent(origin.name(), Slot::new);
        slot.lastPlugin = origin.plugin();
        slot.lastBundle = origin.bundle();
        slot.lastBundleId = origin.bundleId();
        return slot;
    }

    /**
     * Decide which instance of a name gets new leases: of its owner's services that may, those of the highest ranking, of
     * these the newest service of the highest version.
     */
    private void choose(Slot<T> slot) {
        Instance<T> former = slot.active;
        Instance<T> chosen = slot.instances.values().stream()
                .filter(instance -> instance.origin().plugin().equals(slot.owner()))
                .filter(instance -> leading.led(instance.origin()))
                .max(Comparator.comparing(Instance::origin, CHOSEN_LAST))
                .orElse(null);
        slot.active = chosen;
        if (former != null && chosen != null && former != chosen) {
            LOG.info(
                    "The {} '{}' {} is active; calls in flight end on {}.",
                    kind,
                    slot.name,
                    chosen.origin().version(),
                    former.origin().version());
        }
        changed.signalAll();
    }

    private void forgetLater(Slot<T> slot) {
        if (slot.forgetting != null) {
            return;
        }
        slot.forgetting = timer.watch(new HostTimer.Watch() {
            private volatile long since = System.nanoTime();

            @Override
            public boolean isDue(long nanoTime) {
                return nanoTime - since > FORGET_AFTER.toNanos();
            }

            @Override
            public void act() {
                forget(slot);
                // For as long as there is still something to wait for.
                since = System.nanoTime();
            }
        });
    }

    private void forget(Slot<T> slot) {
        String plugin;
        lock.lock();
        try {
            if (!slot.isEmpty()) {
                slot.stopForgetting();
                return;
            }
            if (!slot.drained.isEmpty()) {
                return;
            }
            plugin = slot.lastPlugin;
            slot.removeFigures();
            if (!bundleWaits.test(slot.lastBundleId)) {
                slot.stopForgetting();
                slots.remove(slot.name);
            }
        } finally {
            lock.unlock();
        }
        forgotten.accept(plugin);
    }

    /** What one name stands for; everything but {@link #active} is guarded by the registry's lock. */
    private static final class Slot<T> {
        private final String name;
        private final TreeMap<Long, Instance<T>> instances = new TreeMap<>();
        private final TreeMap<Long, Listed<T>> failed = new TreeMap<>();
        private final List<Instance<T>> drained = new ArrayList<>();
        private @Nullable Figures figures;
        private HostTimer.@Nullable Registration forgetting;
        private String lastPlugin = "";
        private String lastBundle = "";
        private long lastBundleId;
        private volatile @Nullable Instance<T> active;

        Slot(String name) {
            this.name = name;
        }

        @Nullable Instance<T> acquire() {
            Instance<T> instance = active;
            return instance != null && instance.acquire() ? instance : null;
        }

        boolean isEmpty() {
            return instances.isEmpty() && failed.isEmpty();
        }

        String state(Instance<T> instance) {
            return instance == active ? "active" : instance.leases() > 0 ? "draining" : "ready";
        }

        /** Name the plugin that the slot belongs to: a name is its who came first, for as long as he serves it. */
        String owner() {
            return instances.firstEntry().getValue().origin().plugin();
        }

        Optional<String> problem(Instance<T> instance) {
            return instance.origin().plugin().equals(owner())
                    ? Optional.empty()
                    : Optional.of("The name '" + name + "' is taken by the plugin '" + owner() + "'.");
        }

        LlmgineException unavailable(String kind, boolean hopeless) {
            String what = "The " + kind + " '" + name + "' is not available: ";
            // One that was left out stays so until somebody mends it: no wait helps.
            return !hopeless
                    ? new LlmgineException(ErrorCode.UNAVAILABLE, what + "no version of it is active.")
                            .withRetryAfter(RETRY_AFTER)
                    : new LlmgineException(
                            ErrorCode.UNAVAILABLE,
                            what + failed.lastEntry().getValue().problem().orElse(""));
        }

        Figures figures(Origin origin, MetricRegistry metrics) {
            Figures now = figures;
            if (now == null) {
                now = new Figures(metrics, origin.kind(), origin.plugin(), name);
                figures = now;
            }
            return now;
        }

        void stopForgetting() {
            if (forgetting != null) {
                forgetting.close();
                forgetting = null;
            }
        }

        void removeFigures() {
            if (figures != null) {
                figures.remove();
                figures = null;
            }
        }
    }
}
