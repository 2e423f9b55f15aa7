package org.llmgine.plugins.internal;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.core.spi.ActiveVersions;
import org.llmgine.core.spi.ActiveVersions.InstanceState;
import org.llmgine.plugins.PluginEntry;
import org.llmgine.plugins.VersionEntry;
import org.llmgine.plugins.internal.Ledger.Kept;
import org.llmgine.plugins.internal.Ledger.Plugin;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleRevision;

/** Describes the plugins as they are now. */
final class Listing {
    private static final PluginEntry.About UNTOLD =
            new PluginEntry.About("", "", "", "", List.of(), List.of(), List.of(), PluginEntry.About.PARALLEL);

    private static final String INERT =
            " Its bundle can't be stopped; it stays, inert, until the next start of the host.";

    private final Framework framework;
    private final Ledger ledger;
    private final Jars jars;
    private final ActiveVersions pointers;
    private final Switching switching;

    Listing(Framework framework, Ledger ledger, Jars jars, ActiveVersions pointers, Switching switching) {
        this.framework = framework;
        this.ledger = ledger;
        this.jars = jars;
        this.pointers = pointers;
        this.switching = switching;
    }

    /** Describe all plugins, by id. */
    List<PluginEntry> entries() {
        List<PluginEntry> entries = new ArrayList<>();
        Map<String, Plugin> plugins = ledger.plugins();
        plugins.forEach((name, plugin) -> entries.add(entry(name, plugin)));
        starting()
                .filter(bundle -> !plugins.containsKey(bundle.getSymbolicName()))
                .flatMap(bundle -> unkept(bundle).stream())
                .forEach(entries::add);
        entries.sort(Comparator.comparing(PluginEntry::id).thenComparing(PluginEntry::symbolicName));
        return entries;
    }

    /**
     * Describe a plugin.
     *
     * @param name its symbolic name, or its id if no other plugin has the same
     * @throws LlmgineException {@code not_found}
     */
    PluginEntry find(String name) {
        Optional<Plugin> known = ledger.plugin(name);
        if (known.isPresent()) {
            return entry(name, known.get());
        }
        List<PluginEntry> found =
                entries().stream().filter(entry -> entry.id().equals(name)).toList();
        if (found.size() > 1) {
            throw new LlmgineException(ErrorCode.INVALID_REQUEST, "Several plugins have the id '" + name + "'.")
                    .withHint("Use the symbolic name: "
                            + String.join(
                                    " or ",
                                    found.stream()
                                            .map(PluginEntry::symbolicName)
                                            .toList()) + ".");
        }
        return found.stream().findFirst().orElseThrow(() -> unknown(name));
    }

    static LlmgineException unknown(String name) {
        return new LlmgineException(ErrorCode.NOT_FOUND, "There is no plugin '" + name + "'.");
    }

    private PluginEntry entry(String name, Plugin plugin) {
        List<VersionEntry> versions = Stream.concat(
                        starting()
                                .filter(bundle -> name.equals(bundle.getSymbolicName()))
                                .filter(bundle -> plugin.versions().stream()
                                        .noneMatch(kept -> kept.location().equals(bundle.getLocation())))
                                .map(this::unkeptVersion),
                        plugin.versions().reversed().stream().map(kept -> version(plugin, kept)))
                .toList();
        Optional<PluginJar> jar = describe(plugin.activeVersion());
        return new PluginEntry(
                jar.map(PluginJar::id).orElse(name),
                name,
                jar.map(PluginJar::kinds).orElse(List.of()),
                jar.map(PluginJar::about).orElse(UNTOLD),
                plugin.enabled(),
                plugin.activeVersion().version(),
                versions);
    }

    private Stream<Bundle> starting() {
        return framework.ours().stream().filter(bundle -> bundle.getState() == Bundle.STARTING);
    }

    /** Describe a plugin of which nothing is kept: it starts for the first time, or can't be stopped. */
    private Optional<PluginEntry> unkept(Bundle bundle) {
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        return revision == null
                ? Optional.empty()
                : revision.getCapabilities(LlmginePlugin.NAMESPACE).stream()
                        .findFirst()
                        .map(capability -> new PluginEntry(
                                String.valueOf(capability.getAttributes().get("id")),
                                bundle.getSymbolicName(),
                                List.of(String.valueOf(
                                        capability.getAttributes().get("kind"))),
                                UNTOLD,
                                false,
                                bundle.getVersion().toString(),
                                List.of(unkeptVersion(bundle))));
    }

    private VersionEntry unkeptVersion(Bundle bundle) {
        String sha256 = bundle.getLocation().replaceFirst(".*:", "");
        Optional<String> problem = switching.problem(sha256).map(why -> why + INERT);
        return new VersionEntry(
                bundle.getVersion().toString(),
                sha256,
                bundle.getLocation(),
                Instant.ofEpochMilli(bundle.getLastModified()),
                "",
                problem.isPresent() ? VersionEntry.FAILED : VersionEntry.STARTING,
                problem,
                0);
    }

    private Optional<PluginJar> describe(Kept version) {
        try {
            return Optional.of(jars.describe(version));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private VersionEntry version(Plugin plugin, Kept kept) {
        Optional<Bundle> bundle = framework.at(kept.location());
        List<InstanceState> instances =
                bundle.map(one -> pointers.instances(one.getBundleId())).orElse(List.of());
        int leases = instances.stream().mapToInt(InstanceState::leases).sum();
        boolean active = plugin.enabled() && plugin.active().equals(kept.sha256());
        Optional<String> problem = switching
                .problem(kept.sha256())
                .or(() -> instances.stream()
                        .flatMap(one -> one.problem().stream())
                        .findFirst())
                .or(() -> active && bundle.isEmpty() ? Optional.of("Its bundle is not installed.") : Optional.empty());
        return new VersionEntry(
                kept.version(),
                kept.sha256(),
                kept.source(),
                Instant.parse(kept.time()),
                kept.by(),
                state(bundle, active, leases, problem),
                problem,
                leases);
    }

    private static String state(Optional<Bundle> bundle, boolean active, int leases, Optional<String> problem) {
        int state = bundle.map(Bundle::getState).orElse(Bundle.UNINSTALLED);
        if (active) {
            return switch (state) {
                case Bundle.ACTIVE -> VersionEntry.ACTIVE;
                case Bundle.STARTING -> VersionEntry.STARTING;
                case Bundle.INSTALLED, Bundle.RESOLVED -> VersionEntry.INSTALLED;
                default -> VersionEntry.FAILED;
            };
        }
        return switch (state) {
            case Bundle.UNINSTALLED -> problem.isPresent() ? VersionEntry.FAILED : VersionEntry.KEPT;
            case Bundle.ACTIVE -> leases > 0 ? VersionEntry.DRAINING : VersionEntry.READY;
            case Bundle.STARTING -> VersionEntry.STARTING;
            default -> VersionEntry.INSTALLED;
        };
    }
}
