package org.llmgine.plugins.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.MessageBus;
import org.llmgine.core.spi.ActiveVersions;
import org.llmgine.core.spi.ActiveVersions.InstanceState;
import org.llmgine.plugins.PluginStep;
import org.llmgine.plugins.VersionEntry;
import org.llmgine.plugins.internal.Ledger.Kept;
import org.llmgine.plugins.internal.Ledger.Plugin;
import org.osgi.framework.Bundle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes another version of a plugin the one that serves, and lets the former one end; see decision 13. */
final class Switching implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Switching.class);
    static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    /** Longer than core holds a stop up for calls in flight. */
    private static final Duration STOP_EXCLUSIVE_LIMIT = Duration.ofSeconds(40);

    /** How long one change of a plugin waits for another; longer than taking a bundle out. */
    private static final Duration TURN_LIMIT = STOP_LIMIT.multipliedBy(3);

    private static final long LOOK_MS = 50;
    private static final int PERCENT = 100;

    private final Framework framework;
    private final Ledger ledger;
    private final Jars jars;
    private final ActiveVersions pointers;
    private final Readiness readiness;
    private final Settling settling;
    private final MessageBus bus;
    private final Supplier<PluginSettings> settings;
    private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();
    private final Map<String, String> problems = new ConcurrentHashMap<>();
    private final Workers workers = new Workers();
    private volatile boolean closed;
    /** By the location of a bundle that nobody wants any more, how often it is being retired. */
    private final Map<String, Integer> ending = new ConcurrentHashMap<>();

    Switching(
            Framework framework,
            Ledger ledger,
            Jars jars,
            ActiveVersions pointers,
            Readiness readiness,
            Settling settling,
            MessageBus bus,
            Supplier<PluginSettings> settings) {
        this.framework = framework;
        this.ledger = ledger;
        this.jars = jars;
        this.pointers = pointers;
        this.readiness = readiness;
        this.settling = settling;
        this.bus = bus;
        this.settings = settings;
    }

    /** Works on one plugin. */
    interface Work<R> {
        R run() throws IOException, InterruptedException;
    }

    /**
     * Work on a plugin while nobody else does; what somebody else does is waited for, but not for long.
     *
     * @throws LlmgineException {@code busy} when somebody else takes longer
     */
    <R> R alone(String plugin, Work<R> work) {
        ReentrantLock lock = lock(plugin);
        try {
            if (!lock.tryLock(TURN_LIMIT.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new LlmgineException(ErrorCode.BUSY, "The plugin " + plugin + " is being changed.")
                        .withHint("Try again when that is done.");
            }
            try {
                if (closed) {
                    throw new LlmgineException(ErrorCode.UNAVAILABLE, "The plugin manager stops.")
                            .withRetryAfter(STOP_LIMIT);
                }
                return work.run();
            } finally {
                lock.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LlmgineException(ErrorCode.CANCELLED, "The change of " + plugin + " was interrupted.", e);
        } catch (IOException e) {
            throw new LlmgineException(
                            ErrorCode.UNAVAILABLE,
                            "The host can't work on its plugins' files: " + Framework.sentence(e),
                            e)
                    .withHint("Is its disk full?");
        }
    }

    /** Work on a plugin when nobody else does any more. */
    void inTurn(String plugin, Workers.Work work) throws IOException, InterruptedException {
        ReentrantLock lock = lock(plugin);
        lock.lockInterruptibly();
        try {
            work.run();
        } finally {
            lock.unlock();
        }
    }

    private ReentrantLock lock(String plugin) {
        return locks.computeIfAbsent(plugin, any -> new ReentrantLock());
    }

    /** Return what tells of a change. */
    Steps steps(Consumer<PluginStep> asker, String plugin, String version) {
        return new Steps(bus, asker, plugin, version);
    }

    private Steps steps(Bundle bundle) {
        return steps(step -> {}, bundle.getSymbolicName(), bundle.getVersion().toString());
    }

    /** Return the bundle that serves a plugin, or would if it could. */
    Optional<Bundle> serving(String plugin) {
        return ledger.plugin(plugin)
                .filter(Plugin::enabled)
                .map(Plugin::activeVersion)
                .map(Kept::location)
                .flatMap(framework::at);
    }

    /** Say why a version failed when it was tried last. */
    Optional<String> problem(String sha256) {
        return Optional.ofNullable(problems.get(sha256));
    }

    /**
     * Let a version serve whose jar is kept, and watch it for a while. To be called {@link #alone}.
     *
     * @param mayShare whether it may run beside another version
     * @throws LlmgineException {@code plugin_failed} or {@code plugin_refused}; then the former one serves as before
     */
    void to(PluginJar jar, Kept version, boolean mayShare, Steps steps) throws IOException, InterruptedException {
        to(jar, version, mayShare, true, steps);
    }

    private void to(PluginJar jar, Kept version, boolean mayShare, boolean watched, Steps steps)
            throws IOException, InterruptedException {
        String plugin = jar.symbolicName();
        Optional<Bundle> target = framework.at(version.location());
        // One that isn't managed yet serves as well.
        Optional<Bundle> former = serving(plugin)
                .or(() -> ledger.plugin(plugin).isPresent()
                        ? Optional.empty()
                        : framework.running(plugin).stream()
                                .filter(bundle -> !isEnding(bundle))
                                .findFirst())
                .filter(bundle -> target.filter(bundle::equals).isEmpty());
        Set<String> served =
                former.map(bundle -> readiness.served(bundle.getBundleId())).orElse(Set.of());
        problems.remove(version.sha256());
        former.ifPresentOrElse(
                bundle -> pointers.point(plugin, bundle.getBundleId()),
                // Nobody leads before it is ready.
                () -> pointers.point(plugin, target.map(Bundle::getBundleId).orElse(ActiveVersions.NONE)));
        Optional<Bundle> bundle = target;
        Kept placed = version;
        boolean switched = false;
        try {
            if (!mayShare) {
                park(plugin, target, steps);
            }
            if (bundle.isEmpty()) {
                placed = version.at(Framework.location(plugin, version.sha256()));
                bundle = Optional.of(framework.install(jar, jars.open(version.sha256())));
                steps.tell(VersionEntry.INSTALLED, "It is installed.");
            }
            steps.tell(VersionEntry.STARTING, "It starts.");
            long deadline = System.nanoTime() + settings.get().readyTimeout().toNanos();
            framework.start(bundle.get(), settings.get().readyTimeout());
            Optional<String> problem =
                    readiness.await(bundle.get(), served, Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
            if (problem.isPresent()) {
                throw new LlmgineException(ErrorCode.PLUGIN_FAILED, problem.get());
            }
            steps.tell(VersionEntry.READY, "It is ready.");
            Kept committed = placed;
            ledger.change(plugin, known -> Optional.of(activated(known, committed)));
            switched = true;
        } catch (Throwable t) {
            problems.put(version.sha256(), Framework.sentence(t));
            throw t;
        } finally {
            if (!switched) {
                undo(plugin, former, target, bundle, !mayShare);
                if (ledger.plugin(plugin)
                        .flatMap(known -> known.version(version.sha256()))
                        .isEmpty()) {
                    jars.drop(version.sha256());
                }
                steps.tell(VersionEntry.FAILED, problem(version.sha256()).orElse("It failed."));
            }
        }
        Bundle successor = bundle.get();
        Count before = count(successor);
        pointers.point(plugin, successor.getBundleId());
        steps.tell(VersionEntry.ACTIVE, "It serves.");
        Steps afterwards = steps.afterwards();
        former.ifPresent(old -> retireLater(plugin, old, () -> {
            if (watched && !isGood(plugin, version, successor, before)) {
                sendBack(plugin, version, afterwards);
            }
        }));
    }

    /** Let new calls wait, and all versions but one end their own and stop. */
    private void park(String plugin, Optional<Bundle> target, Steps steps) throws InterruptedException {
        List<Bundle> others = framework.running(plugin).stream()
                .filter(bundle -> target.filter(bundle::equals).isEmpty())
                .toList();
        if (others.isEmpty()) {
            return;
        }
        PluginSettings now = settings.get();
        pointers.park(
                plugin,
                now.exclusiveDrainTimeout()
                        .plus(STOP_EXCLUSIVE_LIMIT)
                        .multipliedBy(others.size())
                        .plus(now.readyTimeout()));
        steps.tell(VersionEntry.INSTALLED, "New calls wait until the former version has ended its own.");
        for (Bundle other : others) {
            pointers.awaitIdle(other.getBundleId(), now.exclusiveDrainTimeout());
            framework.stop(other, STOP_EXCLUSIVE_LIMIT);
        }
    }

    /** Let what served before serve again, and take out what was to serve. */
    private void undo(
            String plugin,
            Optional<Bundle> former,
            Optional<Bundle> target,
            Optional<Bundle> failed,
            boolean exclusive) {
        try {
            failed.ifPresent(bundle -> {
                if (target.isPresent()) {
                    // It had calls of its own already.
                    retireLater(plugin, bundle, () -> {});
                } else {
                    framework.uninstall(bundle, STOP_LIMIT);
                }
            });
            if (exclusive && former.isPresent()) {
                framework.start(former.get(), settings.get().readyTimeout());
            }
        } catch (LlmgineException e) {
            LOG.error("The former version of {} does not start again: {}", plugin, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            boolean inert = failed.filter(bundle -> bundle.getState() != Bundle.UNINSTALLED)
                    .isPresent();
            if (former.isPresent()) {
                pointers.point(plugin, former.get().getBundleId());
            } else if (inert || ledger.plugin(plugin).isPresent()) {
                pointers.point(plugin, ActiveVersions.NONE);
            } else {
                pointers.release(plugin);
            }
        }
    }

    private record Count(long calls, long errors) {}

    private Count count(Bundle bundle) {
        long calls = 0;
        long errors = 0;
        for (InstanceState instance : pointers.instances(bundle.getBundleId())) {
            calls += instance.calls();
            errors += instance.errors();
        }
        return new Count(calls, errors);
    }

    private static Plugin activated(Optional<Plugin> known, Kept version) {
        List<Kept> others = known.map(Plugin::versions).orElse(List.of()).stream()
                .filter(kept -> !kept.sha256().equals(version.sha256()))
                .toList();
        String former = known.map(
                        plugin -> plugin.active().equals(version.sha256()) ? plugin.former() : plugin.active())
                .orElse("");
        List<Kept> versions = Stream.concat(others.stream(), Stream.of(version)).toList();
        return new Plugin(true, version.sha256(), former, versions);
    }

    /** Watch the calls of a new version for a while; it is good as well when it is no longer the one that serves. */
    private boolean isGood(String plugin, Kept version, Bundle bundle, Count before) throws InterruptedException {
        PluginSettings now = settings.get();
        long end = System.nanoTime() + now.watch().toNanos();
        while (System.nanoTime() - end < 0 && isActive(plugin, version)) {
            Count count = count(bundle);
            long calls = Math.max(0, count.calls() - before.calls());
            long errors = Math.max(0, count.errors() - before.errors());
            if (calls >= now.watchCalls() && errors * PERCENT >= calls * now.watchErrorPercent()) {
                problems.put(
                        version.sha256(),
                        errors + " of its first " + calls + " calls failed, so the former version serves.");
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        }
        return true;
    }

    private boolean isActive(String plugin, Kept version) {
        return ledger.plugin(plugin)
                .filter(known -> known.enabled() && known.active().equals(version.sha256()))
                .isPresent();
    }

    /** Let the former version serve again. */
    private void sendBack(String plugin, Kept version, Steps steps) throws IOException, InterruptedException {
        inTurn(plugin, () -> {
            Optional<Kept> former = ledger.plugin(plugin)
                    .filter(known -> isActive(plugin, version))
                    .flatMap(known -> known.version(known.former()));
            if (former.isEmpty()) {
                return;
            }
            String problem = problem(version.sha256()).orElse("");
            steps.tell(VersionEntry.FAILED, problem);
            PluginJar jar = jars.describe(former.get());
            to(
                    jar,
                    former.get(),
                    mayShare(jar, plugin),
                    false,
                    steps(step -> {}, plugin, former.get().version()));
            problems.put(version.sha256(), problem);
        });
    }

    /** Tell whether a version may run beside the one that serves. */
    boolean mayShare(PluginJar jar, String plugin) throws IOException {
        Optional<Plugin> known = ledger.plugin(plugin).filter(Plugin::enabled);
        return !jar.isExclusive()
                && (known.isEmpty()
                        || !jars.describe(known.get().activeVersion()).isExclusive());
    }

    /**
     * Let nobody serve a plugin any more, and its bundle end. To be called {@link #alone}.
     *
     * @param change what becomes of it in the ledger
     */
    void end(String plugin, UnaryOperator<Optional<Plugin>> change) throws IOException {
        Optional<Bundle> bundle = serving(plugin);
        bundle.ifPresent(this::ends);
        try {
            ledger.change(plugin, change);
            pointers.point(plugin, ActiveVersions.NONE);
            bundle.ifPresent(old -> retireLater(plugin, old, () -> {}));
        } finally {
            bundle.ifPresent(this::ended);
        }
    }

    private void ends(Bundle bundle) {
        ending.merge(bundle.getLocation(), 1, Integer::sum);
    }

    private void ended(Bundle bundle) {
        ending.computeIfPresent(bundle.getLocation(), (same, times) -> times == 1 ? null : times - 1);
    }

    /** Retire a bundle when something else is done. */
    private void retireLater(String plugin, Bundle bundle, Workers.Work before) {
        ends(bundle);
        workers.start("The former version of " + plugin + " can't be taken out", () -> {
            try {
                before.run();
                retire(plugin, bundle);
            } finally {
                ended(bundle);
            }
        });
    }

    /** Tell whether a bundle is to end, and is not to be taken for a new one. */
    boolean isEnding(Bundle bundle) {
        return ending.containsKey(bundle.getLocation());
    }

    /** Let a bundle end its calls and take it out, unless it serves again by then. */
    private void retire(String plugin, Bundle bundle) throws IOException, InterruptedException {
        if (serving(plugin).filter(bundle::equals).isPresent()) {
            return;
        }
        steps(bundle).tell(VersionEntry.DRAINING, "It ends its calls.");
        Duration limit = settings.get().drainTimeout();
        if (!pointers.awaitIdle(bundle.getBundleId(), limit)) {
            LOG.warn(
                    "{} {} is stopped with calls still running after {} ms.",
                    plugin,
                    bundle.getVersion(),
                    limit.toMillis());
        }
        inTurn(plugin, () -> {
            if (serving(plugin).filter(bundle::equals).isPresent()) {
                return;
            }
            if (!settling.settle(bundle)) {
                framework.uninstall(bundle, STOP_LIMIT);
            }
            steps(bundle).tell(VersionEntry.KEPT, "It has ended.");
            prune(plugin);
        });
    }

    /** Forget the oldest versions beyond those that are kept. */
    private void prune(String plugin) throws IOException {
        Optional<Plugin> known = ledger.plugin(plugin);
        int surplus = known.map(one -> one.versions().size()).orElse(0)
                - settings.get().keptVersions();
        if (known.isEmpty() || surplus <= 0) {
            return;
        }
        List<Kept> dropped = known.get().versions().stream()
                .filter(kept -> !kept.sha256().equals(known.get().active()))
                .filter(kept -> !kept.sha256().equals(known.get().former()))
                .limit(surplus)
                .toList();
        ledger.change(
                plugin,
                same -> same.map(one -> new Plugin(
                        one.enabled(),
                        one.active(),
                        one.former(),
                        one.versions().stream()
                                .filter(kept -> !dropped.contains(kept))
                                .toList())));
        for (Kept kept : dropped) {
            jars.drop(kept.sha256());
        }
    }

    /** Let changes come to their end; leave what is being retired as it is: the next start takes it out. */
    @Override
    public void close() {
        closed = true;
        workers.close();
        long deadline = System.nanoTime() + STOP_LIMIT.toNanos();
        try {
            for (ReentrantLock lock : locks.values()) {
                if (lock.tryLock(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                    lock.unlock();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
