package org.llmgine.plugins.internal;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.plugins.CatalogueEntry;
import org.llmgine.plugins.CatalogueListing;
import org.llmgine.plugins.PluginSource;
import org.llmgine.plugins.internal.CatalogueFile.Entry;
import org.llmgine.plugins.internal.CatalogueFile.Offered;

/** Looks for plugins in the catalogues that are set. They are read at each look, so that nothing here grows old. */
final class Catalogues {
    static final String INDEX = "index.json";

    private static final String SIGNATURE = ".sig";
    private static final int MOST_BYTES = 16 << 20;
    private static final int MOST_SIGNATURE_BYTES = 4096;

    private final Path home;
    private final Signatures signatures;
    private final Function<Map<String, String>, Optional<String>> missingApi;
    private final Supplier<PluginSettings> settings;

    /**
     * Make one.
     *
     * @param home the folder that folders are relative to
     * @param missingApi says what a host lacks of packages in a range of versions
     */
    Catalogues(
            Path home,
            Signatures signatures,
            Function<Map<String, String>, Optional<String>> missingApi,
            Supplier<PluginSettings> settings) {
        this.home = home;
        this.signatures = signatures;
        this.missingApi = missingApi;
        this.settings = settings;
    }

    /**
     * Is a jar that is to be installed.
     *
     * @param label where it comes from
     * @param sha256 what it must be; empty for anything
     * @param voucher who vouches for that sum, as the beginning of a sentence; empty for nobody
     */
    record Offer(PluginSource source, String label, Optional<String> sha256, Optional<String> voucher) {}

    private record Catalogue(String label, URI index, CatalogueFile content, Optional<String> voucher) {}

    private record Found(Catalogue catalogue, Entry entry, Offered version) {}

    /** Find what a source means. */
    Offer offer(PluginSource source) {
        return source instanceof PluginSource.Catalogue named
                ? offer(named)
                : new Offer(source, source.label(), Optional.empty(), Optional.empty());
    }

    private Offer offer(PluginSource.Catalogue named) {
        List<String> problems = new ArrayList<>();
        List<Found> found = read(problems).stream()
                .flatMap(catalogue -> catalogue.content().plugins().stream()
                        .filter(entry -> entry.id().equals(named.id()))
                        .flatMap(entry -> entry.versions().stream().map(one -> new Found(catalogue, entry, one))))
                .filter(one -> named.version()
                        .filter(wanted -> !wanted.equals(one.version().version()))
                        .isEmpty())
                .sorted(Comparator.comparing((Found one) -> one.version().number())
                        .reversed())
                .toList();
        if (found.isEmpty()) {
            throw new LlmgineException(
                            ErrorCode.NOT_FOUND,
                            "No catalogue has the plugin '" + named.id() + "'"
                                    + named.version()
                                            .map(wanted -> " in version " + wanted)
                                            .orElse("") + ".")
                    .withField("catalogue")
                    .withHint(
                            problems.isEmpty()
                                    ? "GET /api/plugins/catalogue lists what they have."
                                    : String.join(" ", problems));
        }
        Found best = found.stream()
                .filter(one -> missingApi.apply(one.version().api()).isEmpty())
                .findFirst()
                .orElseThrow(() -> JarReader.refused(
                        "No version of " + named.id() + " in the catalogues fits this host. The newest is "
                                + found.getFirst().version().version() + ". "
                                + missingApi
                                        .apply(found.getFirst().version().api())
                                        .orElse(""),
                        "Install it on a host with that api, or ask its author for a version for this one."));
        return offer(best);
    }

    private static Offer offer(Found found) {
        Catalogue catalogue = found.catalogue();
        URI jar = catalogue.index().resolve(found.version().url());
        boolean strays = isRemote(catalogue.index()) && "file".equals(jar.getScheme());
        if (strays) {
            throw JarReader.refused(
                    "The catalogue " + catalogue.label() + " says that "
                            + found.entry().id() + " is in a file of this host.",
                    "Tell its keeper that addresses of jars are relative, http:, https: or mvn:.");
        }
        return new Offer(
                new PluginSource.Address(jar.toString()),
                found.entry().id() + " " + found.version().version() + " of the catalogue " + catalogue.label(),
                Optional.of(found.version().sha256()),
                catalogue.voucher());
    }

    /** List what the catalogues have. */
    CatalogueListing search(String query) {
        String wanted = query.strip().toLowerCase(Locale.ROOT);
        List<String> problems = new ArrayList<>();
        List<CatalogueEntry> entries = read(problems).stream()
                .flatMap(catalogue -> catalogue.content().plugins().stream()
                        .filter(entry -> text(entry).contains(wanted))
                        .map(entry -> describe(catalogue, entry)))
                .sorted(Comparator.comparing(CatalogueEntry::id).thenComparing(CatalogueEntry::catalogue))
                .toList();
        return new CatalogueListing(entries, problems);
    }

    private static String text(Entry entry) {
        return Stream.concat(
                        Stream.of(entry.id(), entry.name(), entry.description(), entry.author()),
                        entry.kinds().stream())
                .reduce("", (all, one) -> all + "\n" + one)
                .toLowerCase(Locale.ROOT);
    }

    private CatalogueEntry describe(Catalogue catalogue, Entry entry) {
        return new CatalogueEntry(
                catalogue.label(),
                entry.id(),
                entry.name(),
                entry.description(),
                entry.kinds(),
                entry.author(),
                entry.icon(),
                entry.links(),
                entry.versions().stream()
                        .sorted(Comparator.comparing(Offered::number).reversed())
                        .map(version -> new CatalogueEntry.Version(
                                version.version(), version.sha256(), missingApi.apply(version.api())))
                        .toList());
    }

    private List<Catalogue> read(List<String> problems) {
        List<Catalogue> read = new ArrayList<>();
        for (String place : settings.get().catalogues()) {
            try {
                read.add(read(place));
            } catch (IOException | RuntimeException e) {
                problems.add("The catalogue " + new PluginSource.Address(place).label() + " can't be used: "
                        + (e instanceof FileNotFoundException ? "There is no " + INDEX + " there." : message(e)));
            }
        }
        return read;
    }

    private static String message(Exception e) {
        return e.getMessage() == null ? Framework.sentence(e) : e.getMessage();
    }

    private Catalogue read(String place) throws IOException {
        URI index = index(place);
        Duration limit = settings.get().fetchTimeout();
        byte[] bytes = Sources.bytes(index, MOST_BYTES, limit);
        CatalogueFile content = CatalogueFile.read(bytes);
        String label = content.name().isBlank() ? new PluginSource.Address(place).label() : content.name();
        if (!signatures.areLookedAt()) {
            return new Catalogue(label, index, content, Optional.empty());
        }
        Optional<byte[]> signature = signature(index, limit);
        if (signature.isEmpty()) {
            if (isRemote(index) && signatures.areRequired()) {
                throw new IOException("It is not signed: its keeper lays " + INDEX + SIGNATURE
                        + " beside it, or 'signatures' of " + PluginsConfig.PID + " is set to 'warn'.");
            }
            // A folder of the host is trusted as the host's other files are.
            return new Catalogue(
                    label,
                    index,
                    content,
                    isRemote(index) ? Optional.empty() : Optional.of("The catalogue " + label + " of this host"));
        }
        String by = signatures
                .trustStore()
                .signer(bytes, signature.get())
                .orElseThrow(
                        () -> new IOException(
                                "It was changed after it was signed, or the trust store doesn't have the certificate of who signed it."));
        return new Catalogue(label, index, content, Optional.of("The catalogue " + label + ", signed by " + by + ","));
    }

    private static Optional<byte[]> signature(URI index, Duration limit) throws IOException {
        try {
            String path = index.getRawPath() + SIGNATURE;
            return Optional.of(Sources.bytes(index.resolve(path), MOST_SIGNATURE_BYTES, limit));
        } catch (FileNotFoundException e) {
            return Optional.empty();
        }
    }

    private static boolean isRemote(URI address) {
        return !"file".equals(address.getScheme());
    }

    private URI index(String place) {
        if (!place.matches("https?:.*")) {
            return home.resolve(place).resolve(INDEX).toUri();
        }
        URI address = URI.create(place);
        String path = address.getRawPath() == null ? "" : address.getRawPath();
        return path.endsWith(".json") ? address : address.resolve(path.replaceFirst("/*$", "/") + INDEX);
    }
}
