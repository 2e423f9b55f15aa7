package org.llmgine.plugins.internal;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.apache.felix.fileinstall.ArtifactInstaller;
import org.apache.karaf.features.BootFinished;
import org.llmgine.api.Principal;
import org.llmgine.plugins.InstallPlugin;
import org.llmgine.plugins.PluginSource;
import org.llmgine.plugins.RemovePlugin;
import org.llmgine.plugins.SwitchPlugin;
import org.llmgine.plugins.internal.Ledger.Kept;
import org.llmgine.plugins.internal.Ledger.Plugin;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.Version;
import org.osgi.util.tracker.ServiceTracker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the plugins among the jars that are put into the deploy folder, and lets those go whose jar is taken out of it. File
 * Install tells of each, at every start anew of those that are there.
 */
final class DeployFolder implements ArtifactInstaller, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeployFolder.class);
    private static final String LABEL = "deploy:";
    private static final Principal DEPLOYER = new Principal("deploy", Set.of(Principal.OPERATOR));

    private final Manager manager;
    private final Switching switching;
    private final Ledger ledger;
    private final DeployWatch watch;
    private final Workers workers = new Workers();
    private Runnable closing = () -> {};

    DeployFolder(Manager manager, Switching switching, Ledger ledger, DeployWatch watch) {
        this.manager = manager;
        this.switching = switching;
        this.ledger = ledger;
        this.watch = watch;
    }

    /**
     * Take what is put into the folder, once Karaf has installed the features of its start: bundles that come while it still does
     * may not see all packages.
     */
    void open(BundleContext context, Path data) {
        ServiceRegistration<ArtifactInstaller> taking = context.registerService(ArtifactInstaller.class, this, null);
        ServiceTracker<BootFinished, BootFinished> booted = new ServiceTracker<>(context, BootFinished.class, null) {
            @Override
            public BootFinished addingService(ServiceReference<BootFinished> reference) {
                try {
                    watch.begin(data);
                } catch (IOException e) {
                    LOG.warn("The deploy folder is not watched: {}", Framework.sentence(e));
                }
                return super.addingService(reference);
            }
        };
        booted.open();
        closing = () -> {
            booted.close();
            try {
                watch.end();
            } catch (IOException e) {
                LOG.debug("The deploy folder is still watched.", e);
            }
            taking.unregister();
        };
    }

    /** Whose a jar says that it is. */
    private record Claim(String symbolicName, String version) {}

    @Override
    public boolean canHandle(File file) {
        return claim(file).isPresent();
    }

    private static Optional<Claim> claim(File file) {
        if (!file.getName().endsWith(".jar")) {
            return Optional.empty();
        }
        try (JarFile jar = new JarFile(file, false)) {
            return Optional.ofNullable(jar.getManifest())
                    .map(Manifest::getMainAttributes)
                    .filter(JarReader::isPlugin)
                    .map(headers -> new Claim(
                            Optional.ofNullable(headers.getValue(Constants.BUNDLE_SYMBOLICNAME))
                                    .orElse("")
                                    .replaceFirst(";.*", "")
                                    .strip(),
                            Optional.ofNullable(headers.getValue(Constants.BUNDLE_VERSION))
                                    .orElse("0")));
        } catch (IOException | SecurityException e) {
            return Optional.empty();
        }
    }

    @Override
    public void install(File file) {
        claim(file)
                .ifPresent(claim -> workers.start(
                        "The plugin " + file.getName() + " in the deploy folder is not installed",
                        () -> switching.inTurn(claim.symbolicName(), () -> install(file.toPath(), claim))));
    }

    @Override
    public void update(File file) {
        install(file);
    }

    private void install(Path file, Claim claim) throws IOException {
        if (!Files.exists(file) || isKnown(Jars.sha256(file), claim)) {
            return;
        }
        manager.install(new InstallPlugin(
                DEPLOYER,
                new PluginSource.File(file, label(file)),
                Optional.empty(),
                Optional.empty(),
                false,
                step -> {}));
    }

    /** Tell whether nothing has to be done: it was taken before, or what serves is newer. */
    private boolean isKnown(String sha256, Claim claim) {
        Optional<Plugin> plugin = ledger.plugin(claim.symbolicName());
        if (plugin.isEmpty() || plugin.get().version(sha256).isPresent()) {
            return plugin.isPresent();
        }
        String active = plugin.get().activeVersion().version();
        boolean older = isVersion(claim.version())
                && Version.parseVersion(claim.version()).compareTo(Version.parseVersion(active)) < 0;
        if (older) {
            LOG.info(
                    "{} {} in the deploy folder stays as it is: {} serves. Roll back to let an older one serve.",
                    claim.symbolicName(),
                    claim.version(),
                    active);
        }
        return older;
    }

    private static boolean isVersion(String text) {
        try {
            Version.parseVersion(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Override
    public void uninstall(File file) {
        String label = label(file.toPath());
        for (Map.Entry<String, Plugin> plugin : ledger.plugins().entrySet()) {
            if (plugin.getValue().activeVersion().source().equals(label)) {
                String name = plugin.getKey();
                workers.start(
                        "The plugin " + name + " is not taken out with its jar in the deploy folder",
                        () -> switching.inTurn(name, () -> uninstall(name, label, file.toPath())));
            }
        }
    }

    /** Let the newest version serve whose jar is still in the folder, or none. */
    private void uninstall(String name, String label, Path file) {
        Optional<Plugin> plugin = ledger.plugin(name)
                .filter(known -> known.activeVersion().source().equals(label));
        if (plugin.isEmpty()) {
            return;
        }
        Optional<String> left = plugin.get().versions().stream()
                .filter(kept -> kept.source().startsWith(LABEL)
                        && Files.exists(file.resolveSibling(kept.source().substring(LABEL.length()))))
                .map(Kept::version)
                .max(Comparator.comparing(Version::parseVersion));
        if (left.isPresent()) {
            manager.switchTo(new SwitchPlugin(DEPLOYER, name, left, step -> {}));
        } else {
            manager.remove(new RemovePlugin(DEPLOYER, name));
        }
    }

    private static String label(Path file) {
        return LABEL + file.getFileName();
    }

    @Override
    public void close() {
        closing.run();
        workers.close();
    }
}
