package org.llmgine.plugins.internal;

import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.llmgine.core.spi.ActiveVersions;
import org.llmgine.plugins.internal.Ledger.Kept;
import org.llmgine.plugins.internal.Ledger.Plugin;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the framework agree with the ledger, at the start: whatever a crash left, one version of each plugin stays. */
final class Reconciliation {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciliation.class);

    private final Framework framework;
    private final Ledger ledger;
    private final Jars jars;
    private final ActiveVersions pointers;

    Reconciliation(Framework framework, Ledger ledger, Jars jars, ActiveVersions pointers) {
        this.framework = framework;
        this.ledger = ledger;
        this.jars = jars;
        this.pointers = pointers;
    }

    /** Do it. Plugins have not started yet: their start level comes later. */
    void run() throws IOException {
        Map<String, Plugin> plugins = ledger.plugins();
        Set<String> wanted = new HashSet<>();
        Set<String> kept = new HashSet<>();
        plugins.values().forEach(plugin -> {
            plugin.versions().forEach(version -> kept.add(version.sha256()));
            if (plugin.enabled()) {
                wanted.add(plugin.activeVersion().location());
            }
        });
        for (Bundle bundle : framework.ours()) {
            if (!wanted.contains(bundle.getLocation())) {
                LOG.info(
                        "{} {} is taken out: it is not the version that serves.",
                        bundle.getSymbolicName(),
                        bundle.getVersion());
                uninstall(bundle);
            }
        }
        plugins.forEach(this::provide);
        jars.retain(kept);
    }

    private static void uninstall(Bundle bundle) {
        try {
            bundle.uninstall();
        } catch (BundleException e) {
            LOG.warn("{} can't be taken out: {}", bundle, Framework.sentence(e));
        }
    }

    private void provide(String name, Plugin plugin) {
        if (!plugin.enabled()) {
            pointers.point(name, ActiveVersions.NONE);
            return;
        }
        Kept version = plugin.activeVersion();
        try {
            Bundle bundle = framework.at(version.location()).orElse(null);
            if (bundle != null && !bundle.getVersion().toString().equals(version.version())) {
                LOG.info(
                        "{} was updated to {} by other means: {} serves again.",
                        name,
                        bundle.getVersion(),
                        version.version());
                uninstall(bundle);
                bundle = null;
            }
            if (bundle == null) {
                // The framework's own memory was cleared, or the start before this one ended here.
                bundle = framework.install(jars.describe(version), jars.open(version.sha256()));
                ledger.change(
                        name,
                        known ->
                                known.map(one -> one.installedAt(version, Framework.location(name, version.sha256()))));
            }
            pointers.point(name, bundle.getBundleId());
            bundle.start();
        } catch (IOException | BundleException | RuntimeException e) {
            LOG.error("The plugin {} {} can't be provided: {}", name, version.version(), Framework.sentence(e));
        }
    }
}
