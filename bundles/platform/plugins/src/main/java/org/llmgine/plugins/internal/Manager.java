package org.llmgine.plugins.internal;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.plugins.DisablePlugin;
import org.llmgine.plugins.EnablePlugin;
import org.llmgine.plugins.InstallPlugin;
import org.llmgine.plugins.InstallReport;
import org.llmgine.plugins.InstallReport.Check;
import org.llmgine.plugins.PluginEntry;
import org.llmgine.plugins.PluginStep;
import org.llmgine.plugins.RemovePlugin;
import org.llmgine.plugins.SwitchPlugin;
import org.llmgine.plugins.internal.Ledger.Kept;
import org.llmgine.plugins.internal.Ledger.Plugin;

/** Does what is asked of the plugin manager. */
final class Manager {
    private final Switching switching;
    private final Ledger ledger;
    private final Jars jars;
    private final JarReader reader;
    private final Needs needs;
    private final Signatures signatures;
    private final Catalogues catalogues;
    private final Listing listing;
    private final Supplier<PluginSettings> settings;

    Manager(
            Switching switching,
            Ledger ledger,
            Jars jars,
            JarReader reader,
            Needs needs,
            Signatures signatures,
            Catalogues catalogues,
            Listing listing,
            Supplier<PluginSettings> settings) {
        this.switching = switching;
        this.ledger = ledger;
        this.jars = jars;
        this.reader = reader;
        this.needs = needs;
        this.signatures = signatures;
        this.catalogues = catalogues;
        this.listing = listing;
        this.settings = settings;
    }

    InstallReport install(InstallPlugin command) {
        command.progress().accept(new PluginStep(Instant.now(), "", "", "checking", "The jar is fetched."));
        PluginSettings now = settings.get();
        Catalogues.Offer offer = catalogues.offer(command.source());
        try (Jars.Incoming incoming =
                Sources.jar(offer.source(), now.fetchTimeout(), from -> jars.take(from, now.maxJarBytes()))) {
            return install(command, offer, incoming);
        } catch (IOException e) {
            throw new LlmgineException(ErrorCode.UNAVAILABLE, "The jar can't be taken in: " + Framework.sentence(e), e)
                    .withHint("Is the host's disk full, or did the connection break?");
        }
    }

    private InstallReport install(InstallPlugin command, Catalogues.Offer offer, Jars.Incoming incoming)
            throws IOException {
        List<Check> checks = new ArrayList<>();
        checks.add(sum(command, offer, incoming.sha256()));
        PluginJar jar;
        try {
            jar = reader.read(incoming.path(), incoming.sha256());
            checks.add(new Check("jar", true, "It is the plugin " + jar.id() + " " + jar.version() + "."));
        } catch (LlmgineException e) {
            if (!command.dryRun()) {
                throw e;
            }
            checks.add(new Check(
                    "jar",
                    false,
                    e.getMessage() + e.hint().map(hint -> " " + hint).orElse("")));
            return new InstallReport("", "", "", incoming.sha256(), checks, Optional.empty(), false);
        }
        Optional<Plugin> known = ledger.plugin(jar.symbolicName());
        command.plugin().ifPresent(wanted -> checks.add(plugin(jar, wanted)));
        checks.add(signatures.check(incoming.path(), offer.voucher()));
        checks.add(id(jar));
        checks.add(api(jar));
        checks.add(rest(jar));
        checks.add(version(jar, known));
        if (command.dryRun()) {
            return report(jar, checks, other(known, jar), false);
        }
        requirePassed(checks);
        try {
            return report(jar, checks, place(command, offer, incoming, jar), true);
        } catch (LlmgineException e) {
            throw e.code().equals(ErrorCode.PLUGIN_FAILED) && e.hint().isEmpty()
                    ? e.withHint("Nothing has changed. Its author can mend it; the host's log says more.")
                    : e;
        }
    }

    private static void requirePassed(List<Check> checks) {
        checks.stream().filter(check -> !check.passed()).findFirst().ifPresent(check -> {
            throw new LlmgineException(ErrorCode.PLUGIN_REFUSED, check.message());
        });
    }

    /** Let a checked jar serve, and return the other version that served before. */
    private Optional<String> place(
            InstallPlugin command, Catalogues.Offer offer, Jars.Incoming incoming, PluginJar jar) {
        return switching.alone(jar.symbolicName(), () -> {
            Optional<Plugin> known = ledger.plugin(jar.symbolicName());
            // Another change may have come first.
            command.plugin().ifPresent(listing::find);
            requirePassed(List.of(version(jar, known)));
            boolean serves = known.filter(now -> now.enabled() && now.active().equals(jar.sha256()))
                    .isPresent();
            if (!serves) {
                Kept kept = new Kept(
                        jar.version().toString(),
                        jar.sha256(),
                        Framework.location(jar.symbolicName(), jar.sha256()),
                        offer.label(),
                        Instant.now().toString(),
                        command.principal().name());
                serve(jar, kept, incoming::keep, command.progress());
            }
            return other(known, jar);
        });
    }

    /**
     * Let a version serve, unless another plugin has its id; two may want the same one at once.
     *
     * @param before is done once the id is its own
     */
    private void serve(PluginJar jar, Kept version, Workers.Work before, Consumer<PluginStep> asker) {
        switching.alone("id " + jar.id(), () -> {
            requirePassed(List.of(id(jar)));
            before.run();
            switching.to(
                    jar,
                    version,
                    switching.mayShare(jar, jar.symbolicName()),
                    switching.steps(asker, jar.symbolicName(), jar.version().toString()));
            return jar;
        });
    }

    private static Optional<String> other(Optional<Plugin> plugin, PluginJar jar) {
        return plugin.map(Plugin::activeVersion)
                .map(Kept::version)
                .filter(version -> !version.equals(jar.version().toString()));
    }

    private static InstallReport report(
            PluginJar jar, List<Check> checks, Optional<String> replaced, boolean installed) {
        return new InstallReport(
                jar.id(), jar.symbolicName(), jar.version().toString(), jar.sha256(), checks, replaced, installed);
    }

    private static Check plugin(PluginJar jar, String wanted) {
        boolean same = jar.id().equals(wanted) || jar.symbolicName().equals(wanted);
        return new Check(
                "plugin",
                same,
                same
                        ? "It is the plugin that was asked for."
                        : "It is the plugin " + jar.id() + " and not " + wanted
                                + ". Give a jar of that one, or install this one as what it is.");
    }

    private static Check sum(InstallPlugin command, Catalogues.Offer offer, String sha256) {
        List<String> wanted = Stream.concat(command.sha256().stream(), offer.sha256().stream())
                .map(text -> text.strip().toLowerCase(Locale.ROOT))
                .toList();
        if (wanted.isEmpty()) {
            return new Check("sha256", true, "Its SHA-256 is " + sha256 + "; none was asked for.");
        }
        Check check = wanted.stream()
                .filter(one -> !one.equals(sha256))
                .findFirst()
                .map(other -> new Check(
                        "sha256",
                        false,
                        "Its SHA-256 is " + sha256 + " and not " + other + ": it is another jar. Get it again."))
                .orElseGet(() -> new Check("sha256", true, "Its SHA-256 is the one that was asked for."));
        if (!check.passed() && !command.dryRun()) {
            throw new LlmgineException(ErrorCode.PLUGIN_REFUSED, check.message()).withField("sha256");
        }
        return check;
    }

    /** An id is one plugin's, for each kind, and none is another plugin's symbolic name: either finds a plugin. */
    private Check id(PluginJar jar) {
        return listing.entries().stream()
                .filter(entry -> !entry.symbolicName().equals(jar.symbolicName()))
                .flatMap(entry -> taken(jar, entry).stream())
                .findFirst()
                .map(what ->
                        new Check("id", false, what + ". Remove that one first, or give this one another id or name."))
                .orElseGet(() -> new Check("id", true, "The id '" + jar.id() + "' is free or its own."));
    }

    private static Optional<String> taken(PluginJar jar, PluginEntry other) {
        if (other.id().equals(jar.symbolicName())) {
            return Optional.of(
                    "The symbolic name '" + jar.symbolicName() + "' is the id of the plugin " + other.symbolicName());
        }
        boolean taken = other.symbolicName().equals(jar.id())
                || (other.id().equals(jar.id()) && other.kinds().stream().anyMatch(jar.kinds()::contains));
        return taken
                ? Optional.of("The id '" + jar.id() + "' belongs to the plugin " + other.symbolicName())
                : Optional.empty();
    }

    private Check api(PluginJar jar) {
        return needs.missingApi(jar)
                .map(missing -> new Check("api", false, missing + " Build it against this host's api."))
                .orElseGet(() -> new Check("api", true, "This host has the api that it was built for."));
    }

    private Check rest(PluginJar jar) {
        List<String> missing = needs.missingRest(jar);
        return missing.isEmpty()
                ? needs.conflict(jar)
                        .map(conflict -> new Check("needs", false, conflict))
                        .orElseGet(() -> new Check("needs", true, "All that it needs is here."))
                : new Check(
                        "needs",
                        false,
                        "It needs what nothing here offers: " + String.join("; ", missing)
                                + ". Put libraries into the plugin's jar.");
    }

    private static Check version(PluginJar jar, Optional<Plugin> known) {
        boolean taken = known.stream()
                .flatMap(plugin -> plugin.versions().stream())
                .anyMatch(kept -> kept.version().equals(jar.version().toString())
                        && !kept.sha256().equals(jar.sha256()));
        return taken
                ? new Check(
                        "version",
                        false,
                        "Version " + jar.version() + " of " + jar.symbolicName()
                                + " is here already, with other content. Raise its Bundle-Version.")
                : new Check("version", true, "Version " + jar.version() + " is new, or the same jar.");
    }

    PluginEntry switchTo(SwitchPlugin command) {
        String name = listing.find(command.plugin()).symbolicName();
        return switching.alone(name, () -> {
            Plugin plugin = ledger.plugin(name).orElseThrow(() -> Listing.unknown(command.plugin()));
            Kept version = command.version()
                    .map(wanted -> plugin.versions().stream()
                            .filter(kept -> kept.version().equals(wanted))
                            .findFirst()
                            .orElseThrow(() -> missing(plugin, command.plugin(), wanted)))
                    .orElseGet(() -> plugin.version(plugin.former())
                            .orElseThrow(() -> new LlmgineException(
                                            ErrorCode.NOT_FOUND,
                                            "No version of " + command.plugin() + " served before.")
                                    .withField("version")));
            if (!plugin.enabled() || !plugin.active().equals(version.sha256())) {
                serve(jars.describe(version), version, () -> {}, command.progress());
            }
            return listing.find(name);
        });
    }

    private static LlmgineException missing(Plugin plugin, String name, String wanted) {
        return new LlmgineException(ErrorCode.NOT_FOUND, "No version " + wanted + " of " + name + " is kept.")
                .withField("version")
                .withHint("There are: "
                        + String.join(
                                ", ",
                                plugin.versions().stream().map(Kept::version).toList()) + ".");
    }

    PluginEntry enable(EnablePlugin command) {
        String name = listing.find(command.plugin()).symbolicName();
        return switching.alone(name, () -> {
            Plugin plugin = ledger.plugin(name).orElseThrow(() -> Listing.unknown(command.plugin()));
            if (!plugin.enabled()) {
                serve(jars.describe(plugin.activeVersion()), plugin.activeVersion(), () -> {}, step -> {});
            }
            return listing.find(name);
        });
    }

    PluginEntry disable(DisablePlugin command) {
        String name = listing.find(command.plugin()).symbolicName();
        return switching.alone(name, () -> {
            switching.end(
                    name,
                    known -> known.map(
                            plugin -> new Plugin(false, plugin.active(), plugin.former(), plugin.versions())));
            return listing.find(name);
        });
    }

    PluginEntry remove(RemovePlugin command) {
        PluginEntry entry = listing.find(command.plugin());
        String name = entry.symbolicName();
        return switching.alone(name, () -> {
            List<Kept> versions = ledger.plugin(name).map(Plugin::versions).orElse(List.of());
            if (versions.isEmpty() && !entry.active().isEmpty()) {
                // Somebody else was faster.
                throw Listing.unknown(command.plugin());
            }
            switching.end(name, known -> Optional.empty());
            for (Kept version : versions) {
                jars.drop(version.sha256());
            }
            return entry;
        });
    }
}
