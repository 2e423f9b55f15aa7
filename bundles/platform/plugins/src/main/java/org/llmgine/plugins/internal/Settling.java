package org.llmgine.plugins.internal;

import java.util.EnumSet;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.karaf.features.Feature;
import org.apache.karaf.features.FeaturesService;
import org.osgi.framework.Bundle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells Karaf's features that they need not ask for a bundle any more, so that none of their changes brings it back. */
final class Settling {
    private static final Logger LOG = LoggerFactory.getLogger(Settling.class);

    private final FeaturesService features;
    private final ReentrantLock lock = new ReentrantLock();

    Settling(FeaturesService features) {
        this.features = features;
    }

    /**
     * Uninstall the features that consist of a bundle alone, and the bundle with them. One that has more than it is left as it
     * is: it would take others along.
     *
     * @return whether the bundle is gone
     */
    boolean settle(Bundle bundle) {
        // Karaf takes what is required from a copy of its own: two at a time would bring each other's feature back.
        lock.lock();
        try {
            for (Feature feature : features.listInstalledFeatures()) {
                if (feature.getBundles().size() == 1
                        && feature.getBundles().getFirst().getLocation().equals(bundle.getLocation())
                        && features.isRequired(feature)) {
                    LOG.info("The feature {} is uninstalled: its plugin is managed now.", feature.getId());
                    features.uninstallFeature(
                            feature.getName(),
                            feature.getVersion(),
                            EnumSet.of(FeaturesService.Option.NoAutoRefreshBundles));
                }
            }
        } catch (Exception e) {
            LOG.warn("The features that ask for {} can't be settled: {}", bundle, Framework.sentence(e));
        } finally {
            lock.unlock();
        }
        return bundle.getState() == Bundle.UNINSTALLED;
    }
}
