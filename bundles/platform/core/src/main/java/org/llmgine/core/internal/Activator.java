package org.llmgine.core.internal;

import java.io.IOException;
import java.util.Map;
import org.osgi.annotation.bundle.Header;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationPlugin;

/** Puts the check of settings in place before Declarative Services reads the first one, this bundle's own included. */
@Header(name = Constants.BUNDLE_ACTIVATOR, value = "${@class}")
public final class Activator implements BundleActivator {
    @Override
    public void start(BundleContext context) throws IOException {
        context.registerService(
                ConfigurationPlugin.class,
                new ConfigurationCheck(),
                FrameworkUtil.asDictionary(Map.of(
                        ConfigurationPlugin.CM_RANKING,
                        ConfigurationCheck.RANKING,
                        "config.plugin.id",
                        CoreSettings.PID)));
        ServiceReference<ConfigurationAdmin> admin = context.getServiceReference(ConfigurationAdmin.class);
        if (admin != null) {
            StoredSettings.removeInstances(context.getService(admin));
        }
    }

    @Override
    public void stop(BundleContext context) {
        // The framework unregisters the service.
    }
}
