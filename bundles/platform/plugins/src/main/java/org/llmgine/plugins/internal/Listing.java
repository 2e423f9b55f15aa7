package org.llmgine.plugins.internal;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
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
    private final Generations generations;

    Listing(
            Framework framework,
            Ledger ledger,
            Jars jars,
            ActiveVersions pointers,
            Switching switching,
            Generations generations) {
        this.framework = framework;
        this.ledger = ledger;
        this.jars = jars;
        this.pointers = pointers;
        this.switching = switching;
        this.generations = generations;
    }

    /** Describe all plugins, by id. */
    List<PluginEntry> entries() {
        List<PluginEntry> entries = new ArrayList<>();
        for (Map.Entry<String, Plugin> plugin : ledger.plugins().entrySet()) {
            entries.add(entry(plugin.getKey(), plugin.getValue()));
        }
        unnamed().stream()
                .collect(Collectors.groupingBy(Bundle::getSymbolicName))
                .forEach((name, bundles) -> {
                    BundleRevision revision = bundles.getFirst().adapt(BundleRevision.class);
                    // It may have been taken out in between.
                    if (ledger.plugin(name).isEmpty() && revision != null) {
                        entries.add(entry(name, bundles, revision));
                    }
                });
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
        List<PluginEntry> found = entries().stream()
                .filter(entry -> entry.id().equals(name) || entry.symbolicName().equals(name))
                .toList();
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
        List<VersionEntry> versions = new ArrayList<>(plugin.versions().reversed().stream()
                .map(kept -> version(plugin, kept))
                .toList());
        Optional<PluginJar> jar = describe(plugin.activeVersion());
        String id = jar.map(PluginJar::id).orElse(name);
        unnamed().stream()
                .filter(bundle -> bundle.getSymbolicName().equals(name))
                .map(this::version)
                .forEach(versions::addFirst);
        return new PluginEntry(
                id,
                name,
                jar.map(PluginJar::kinds).orElse(List.of()),
                jar.map(PluginJar::about).orElse(UNTOLD),
                plugin.enabled(),
                plugin.activeVersion().version(),
                versions,
                figures(id, name, plugin));
    }

    /** Return the bundles of versions that are being installed, or could not be taken out when that failed. */
    private List<Bundle> unnamed() {
        Set<String> named = ledger.plugins().values().stream()
                .flatMap(plugin -> plugin.versions().stream())
                .map(Kept::location)
                .collect(Collectors.toSet());
        return framework.ours().stream()
                .filter(bundle -> !named.contains(bundle.getLocation()) && !switching.isEnding(bundle))
                .toList();
    }

    /** Describe a plugin of which no version has served yet. */
    private PluginEntry entry(String name, List<Bundle> bundles, BundleRevision revision) {
        Bundle bundle = bundles.getFirst();
        PluginJar jar = PluginJar.of(name, bundle.getVersion(), Framework.sha256(bundle), revision);
        return new PluginEntry(
                jar.id(),
                name,
                jar.kinds(),
                jar.about(),
                false,
                "",
                bundles.stream().map(this::version).toList(),
                new PluginEntry.Figures(List.of(), 0, List.of(), generations.live(name)));
    }

    private VersionEntry version(Bundle bundle) {
        Optional<String> problem = switching.problem(Framework.sha256(bundle)).map(why -> why + INERT);
        return new VersionEntry(
                bundle.getVersion().toString(),
                Framework.sha256(bundle),
                "",
                Instant.ofEpochMilli(bundle.getLastModified()),
                "",
                problem.isPresent() ? VersionEntry.FAILED : state(Optional.of(bundle), false, List.of(), problem),
                problem,
                0);
    }

    private PluginEntry.Figures figures(String id, String name, Plugin plugin) {
        List<PluginEntry.InstanceFigures> instances = new ArrayList<>();
        for (Kept kept : plugin.versions()) {
            for (InstanceState state : instances(framework.at(kept.location()))) {
                instances.add(new PluginEntry.InstanceFigures(
                        state.kind(),
                        state.name(),
                        kept.version(),
                        state.calls(),
                        state.errors(),
                        state.leases(),
                        state.p50Ms(),
                        state.p99Ms(),
                        state.problem().or(state::quarantine)));
            }
        }
        instances.sort(Comparator.comparing(PluginEntry.InstanceFigures::kind)
                .thenComparing(PluginEntry.InstanceFigures::name));
        ActiveVersions.ToolThreads threads = pointers.toolThreads(id);
        return new PluginEntry.Figures(instances, threads.live(), threads.leftBehind(), generations.live(name));
    }

    private List<InstanceState> instances(Optional<Bundle> bundle) {
        return bundle.map(one -> pointers.instances(one.getBundleId())).orElse(List.of());
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
        List<InstanceState> instances = instances(bundle);
        int leases = instances.stream().mapToInt(InstanceState::leases).sum();
        boolean active = plugin.enabled() && plugin.active().equals(kept.sha256());
        Optional<String> problem = switching
                .problem(kept.sha256())
                .or(() -> bundle.map(Bundle::getVersion)
                        .filter(version -> !version.toString().equals(kept.version()))
                        .map(version ->
                                "Its bundle was updated to " + version + " by other means. Install that jar here"
                                        + " to keep it: the next start of the host returns to " + kept.version() + "."))
                .or(() -> instances.stream()
                        .flatMap(one -> one.problem().or(one::quarantine).stream())
                        .findFirst())
                .or(() -> active && bundle.isEmpty() ? Optional.of("Its bundle is not installed.") : Optional.empty());
        return new VersionEntry(
                kept.version(),
                kept.sha256(),
                kept.source(),
                Instant.parse(kept.time()),
                kept.by(),
                state(bundle, active, instances, problem),
                problem,
                leases);
    }

    private static String state(
            Optional<Bundle> bundle, boolean active, List<InstanceState> instances, Optional<String> problem) {
        boolean quarantined =
                instances.stream().anyMatch(one -> one.quarantine().isPresent());
        boolean used = instances.stream().anyMatch(one -> one.leases() > 0);
        int state = bundle.map(Bundle::getState).orElse(Bundle.UNINSTALLED);
        if (active) {
            return switch (state) {
                case Bundle.ACTIVE -> quarantined ? VersionEntry.QUARANTINED : VersionEntry.ACTIVE;
                case Bundle.STARTING -> VersionEntry.STARTING;
                case Bundle.INSTALLED, Bundle.RESOLVED -> VersionEntry.INSTALLED;
                default -> VersionEntry.FAILED;
            };
        }
        return switch (state) {
            case Bundle.UNINSTALLED -> problem.isPresent() ? VersionEntry.FAILED : VersionEntry.KEPT;
            case Bundle.ACTIVE -> used ? VersionEntry.DRAINING : VersionEntry.READY;
            case Bundle.STARTING -> VersionEntry.STARTING;
            default -> VersionEntry.INSTALLED;
        };
    }
}
