package org.llmgine.itest.bundle.watcher.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/**
 * Writes a line for each change of a bundle into the file beside the journal. A refresh shows itself by those that it unresolves.
 */
@Component(service = {})
public final class BundleWatcher implements SynchronousBundleListener {
    private final BundleContext context;
    private final Path file = Path.of(System.getProperty("llmgine.itest.journal") + ".bundles");

    @Activate
    public BundleWatcher(BundleContext context) {
        this.context = context;
        context.addBundleListener(this);
    }

    @Override
    public void bundleChanged(BundleEvent event) {
        String what = switch (event.getType()) {
            case BundleEvent.STARTED -> "started";
            case BundleEvent.STOPPED -> "stopped";
            case BundleEvent.UPDATED -> "updated";
            case BundleEvent.UNINSTALLED -> "uninstalled";
            case BundleEvent.UNRESOLVED -> "unresolved";
            default -> "";
        };
        if (!what.isEmpty()) {
            write(what, event.getBundle());
        }
    }

    private synchronized void write(String what, Bundle bundle) {
        try {
            Files.writeString(
                    file,
                    what + " " + bundle.getSymbolicName() + " " + bundle.getVersion() + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Deactivate
    void close() {
        context.removeBundleListener(this);
    }
}
