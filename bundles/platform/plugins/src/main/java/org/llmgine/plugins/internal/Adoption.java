package org.llmgine.plugins.internal;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.llmgine.core.spi.ActiveVersions;
import org.llmgine.plugins.internal.Ledger.Kept;
import org.llmgine.plugins.internal.Ledger.Plugin;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleListener;
import org.osgi.framework.Version;
import org.osgi.util.tracker.BundleTracker;
import org.osgi.util.tracker.BundleTrackerCustomizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes plugins into the ledger that came by other ways: a feature, or the shell. */
final class Adoption implements BundleTrackerCustomizer<Bundle>, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Adoption.class);
    private static final String BY = "system";

    private final Ledger ledger;
    private final Jars jars;
    private final ActiveVersions pointers;
    private final Switching switching;
    private final Settling settling;
    private final Framework framework;
    private final Generations generations;
    private final BundleContext context;
    private final BundleTracker<Bundle> tracker;
    private final BundleListener gone = this::changed;
    private final Workers workers = new Workers();

    Adoption(
            BundleContext context,
            Ledger ledger,
            Jars jars,
            ActiveVersions pointers,
            Switching switching,
            Settling settling,
            Framework framework,
            Generations generations) {
        this.generations = generations;
        this.context = context;
        this.ledger = ledger;
        this.jars = jars;
        this.pointers = pointers;
        this.switching = switching;
        this.settling = settling;
        this.framework = framework;
        tracker = new BundleTracker<>(context, Bundle.STARTING | Bundle.ACTIVE | Bundle.STOPPING, this);
    }

    void open() {
        context.addBundleListener(gone);
        tracker.open();
    }

    @Override
    public @Nullable Bundle addingBundle(Bundle bundle, BundleEvent event) {
        if (!Framework.isPlugin(bundle)) {
            return null;
        }
        generations.note(bundle);
        if (Framework.isOurs(bundle)) {
            return null;
        }
        workers.start("The plugin " + bundle.getSymbolicName() + " can't be taken over", () -> come(bundle));
        return bundle;
    }

    @Override
    public void modifiedBundle(Bundle bundle, BundleEvent event, Bundle tracked) {
        // It starts, or stops: that is the framework's.
    }

    @Override
    public void removedBundle(Bundle bundle, BundleEvent event, Bundle tracked) {
        // Whether it was uninstalled is told by another event.
    }

    private void changed(BundleEvent event) {
        if (event.getType() == BundleEvent.UNINSTALLED) {
            workers.start(
                    "The end of " + event.getBundle().getSymbolicName() + " can't be noted",
                    () -> go(event.getBundle()));
        }
    }

    private void come(Bundle bundle) throws IOException, InterruptedException {
        String name = bundle.getSymbolicName();
        switching.inTurn(name, () -> {
            Optional<Plugin> known = ledger.plugin(name);
            boolean serves = known.filter(plugin -> plugin.enabled()
                            && plugin.activeVersion().location().equals(bundle.getLocation()))
                    .isPresent();
            if (serves || switching.isEnding(bundle) || bundle.getState() == Bundle.UNINSTALLED) {
                return;
            }
            if (known.filter(plugin -> isSurplus(plugin, bundle)).isPresent()) {
                LOG.info(
                        "{} {} is taken out: {} is managed, and serves in version {}.",
                        name,
                        bundle.getVersion(),
                        name,
                        known.orElseThrow().activeVersion().version());
                if (!settling.settle(bundle)) {
                    framework.uninstall(bundle, Switching.STOP_LIMIT);
                }
                return;
            }
            adopt(bundle, known);
        });
    }

    /** Only a newer version that nobody has decided about yet takes over by itself. */
    private static boolean isSurplus(Plugin plugin, Bundle bundle) {
        return !plugin.enabled()
                || plugin.versions().stream().anyMatch(kept -> kept.location().equals(bundle.getLocation()))
                || bundle.getVersion()
                                .compareTo(Version.parseVersion(
                                        plugin.activeVersion().version()))
                        <= 0;
    }

    @SuppressWarnings("deprecation") // mvn: is known to the framework's handlers only.
    private void adopt(Bundle bundle, Optional<Plugin> known) throws IOException, InterruptedException {
        String name = bundle.getSymbolicName();
        Kept version;
        try (InputStream from = new URL(bundle.getLocation()).openStream();
                Jars.Incoming incoming = jars.take(from, Long.MAX_VALUE)) {
            incoming.keep();
            version = new Kept(
                    bundle.getVersion().toString(),
                    incoming.sha256(),
                    bundle.getLocation(),
                    bundle.getLocation(),
                    Instant.now().toString(),
                    BY);
        }
        if (known.isPresent()) {
            PluginJar jar = jars.describe(version);
            switching.to(
                    jar, version, switching.mayShare(jar, name), switching.steps(step -> {}, name, version.version()));
            return;
        }
        ledger.change(name, none -> Optional.of(new Plugin(true, version.sha256(), "", List.of(version))));
        pointers.point(name, bundle.getBundleId());
        LOG.debug("{} {} came by {} and is managed now.", name, version.version(), bundle.getLocation());
    }

    /** Forget a plugin whose bundle somebody else uninstalled. */
    private void go(Bundle bundle) throws IOException, InterruptedException {
        String name = bundle.getSymbolicName();
        switching.inTurn(name, () -> {
            boolean served = ledger.plugin(name)
                    .filter(plugin -> plugin.enabled()
                            && plugin.activeVersion().location().equals(bundle.getLocation()))
                    .isPresent();
            if (served && framework.at(bundle.getLocation()).isEmpty()) {
                LOG.info("{} was uninstalled, and is no longer managed.", name);
                ledger.change(name, known -> Optional.empty());
                pointers.release(name);
            }
        });
    }

    @Override
    public void close() {
        context.removeBundleListener(gone);
        tracker.close();
        workers.close();
    }
}
