package org.llmgine.plugins.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.CodeSigner;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.llmgine.plugins.InstallReport.Check;

/** Tells whether a jar is signed by somebody whom the host's trust store knows, and whether that matters. */
final class Signatures {
    static final String CHECK = "signature";

    private static final Pattern OF_SIGNATURES =
            Pattern.compile("META-INF/([^/]+\\.(SF|RSA|DSA|EC)|SIG-[^/]*|MANIFEST\\.MF)", Pattern.CASE_INSENSITIVE);

    private final Path data;
    private final Supplier<PluginSettings> settings;

    /**
     * Make one.
     *
     * @param data the folder that the trust store's path is relative to
     */
    Signatures(Path data, Supplier<PluginSettings> settings) {
        this.data = data;
        this.settings = settings;
    }

    /**
     * Is what was found of a jar's signatures.
     *
     * @param by who signed all of it
     * @param problem what is amiss; empty for nothing
     */
    private record Finding(String by, Optional<String> problem) {
        static Finding amiss(String problem) {
            return new Finding("", Optional.of(problem));
        }
    }

    boolean areRequired() {
        return settings.get().signatures().equals(PluginSettings.REQUIRE);
    }

    boolean areLookedAt() {
        return !settings.get().signatures().equals(PluginSettings.OFF);
    }

    /** Read the trust store, as it is now. */
    TrustStore trustStore() throws IOException {
        PluginSettings now = settings.get();
        return TrustStore.read(data.resolve(now.trustStore()), now.trustStorePassword());
    }

    /**
     * Look at a jar that was read, so that it is known to be whole.
     *
     * @param voucher who vouches for its SHA-256; empty for nobody
     */
    Check check(Path file, Optional<String> voucher) throws IOException {
        if (!areLookedAt()) {
            return new Check(CHECK, true, "Signatures are not looked at.");
        }
        Finding finding = find(file);
        if (finding.problem().isEmpty()) {
            return new Check(CHECK, true, "It is signed by " + finding.by() + ".");
        }
        String problem = finding.problem().get();
        if (voucher.isPresent()) {
            return new Check(CHECK, true, voucher.get() + " vouches for its SHA-256.");
        }
        return areRequired() ? new Check(CHECK, false, problem) : new Check(CHECK, true, "Warning: " + problem);
    }

    private Finding find(Path file) throws IOException {
        Set<CodeSigner> signers;
        try (JarFile jar = new JarFile(file.toFile(), true)) {
            List<JarEntry> entries = Collections.list(jar.entries());
            if (entries.stream()
                    .noneMatch(entry -> OF_SIGNATURES.matcher(entry.getName()).matches()
                            && !entry.getName().equalsIgnoreCase(JarFile.MANIFEST_NAME))) {
                return Finding.amiss("The jar is not signed. Sign it with jarsigner.");
            }
            Optional<String> gone = missing(jar);
            if (gone.isPresent()) {
                return Finding.amiss("The jar's entry '" + gone.get()
                        + "' was signed and is missing. Get the jar again from its author.");
            }
            signers = new LinkedHashSet<>();
            boolean first = true;
            for (JarEntry entry : entries) {
                if (entry.isDirectory()
                        || OF_SIGNATURES.matcher(entry.getName()).matches()) {
                    continue;
                }
                List<CodeSigner> of = signers(jar, entry);
                if (first) {
                    signers.addAll(of);
                    first = false;
                } else {
                    signers.retainAll(of);
                }
                if (signers.isEmpty()) {
                    return Finding.amiss("The jar is not signed as a whole: no signature that counts covers '"
                            + entry.getName() + "'. Sign it again when it is complete, with today's algorithms.");
                }
            }
        }
        return trusted(signers);
    }

    /** The signers of an entry are known once it was read. */
    private static List<CodeSigner> signers(JarFile jar, JarEntry entry) throws IOException {
        try (InputStream in = jar.getInputStream(entry)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        CodeSigner[] signers = entry.getCodeSigners();
        return signers == null ? List.of() : Arrays.asList(signers);
    }

    /** Find an entry that the manifest has the sum of and the jar has not. */
    private static Optional<String> missing(JarFile jar) throws IOException {
        for (Map.Entry<String, Attributes> section :
                jar.getManifest().getEntries().entrySet()) {
            boolean summed = section.getValue().keySet().stream()
                    .anyMatch(name -> name.toString().endsWith("-Digest"));
            if (summed && jar.getJarEntry(section.getKey()) == null) {
                return Optional.of(section.getKey());
            }
        }
        return Optional.empty();
    }

    private Finding trusted(Set<CodeSigner> signers) {
        TrustStore trust;
        try {
            trust = trustStore();
        } catch (IOException e) {
            return Finding.amiss(e.getMessage() + " Mend 'trustStore' of " + PluginsConfig.PID + ".");
        }
        Optional<String> first = Optional.empty();
        for (CodeSigner signer : signers) {
            List<X509Certificate> path = path(signer);
            Optional<String> problem = trust.problem(path);
            if (problem.isEmpty()) {
                return new Finding(TrustStore.name(path.getFirst()), Optional.empty());
            }
            first = first.or(() -> problem);
        }
        return Finding.amiss(first.orElse("The jar is not signed."));
    }

    private static List<X509Certificate> path(CodeSigner signer) {
        List<X509Certificate> path = new ArrayList<>();
        signer.getSignerCertPath().getCertificates().forEach(one -> path.add((X509Certificate) one));
        return path;
    }
}
