package org.llmgine.plugins.internal;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import org.apache.felix.utils.resource.ResourceBuilder;
import org.apache.felix.utils.resource.ResourceImpl;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.LlmginePlugin;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;
import org.osgi.resource.Capability;
import org.osgi.resource.Resource;

/** Reads a jar that somebody gave, and believes nothing of it. */
final class JarReader {
    private static final int MOST_ENTRIES = 50_000;
    private static final long MOST_BYTES = 2L << 30;

    /** A jar of classes shrinks to a half; text to a tenth. */
    private static final long MOST_RATIO = 200;

    private static final long SMALL_BYTES = 50L << 20;
    private static final int CLASS_MAGIC = 0xCAFEBABE;
    private static final int FIRST_CLASS_VERSION = 44;
    private static final Pattern PLUGIN =
            Pattern.compile("(^|,)\\s*" + Pattern.quote(LlmginePlugin.NAMESPACE) + "\\s*(;|,|$)");
    private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");

    private final int java;

    /**
     * Make a reader.
     *
     * @param java the release of Java that the host runs on
     */
    JarReader(int java) {
        this.java = java;
    }

    /**
     * Read a jar.
     *
     * @throws LlmgineException {@code plugin_refused}, with what is wrong and what would mend it
     */
    PluginJar read(Path file, String sha256) {
        try (JarFile jar = new JarFile(file.toFile(), true)) {
            checkEntries(jar, file.toFile().length());
            Manifest manifest = jar.getManifest();
            if (manifest == null) {
                throw refused(
                        "The jar has no META-INF/MANIFEST.MF.",
                        "Build it as a bundle, for example with bnd-maven-plugin.");
            }
            PluginJar plugin = read(manifest.getMainAttributes(), sha256);
            SettingsResources.check(jar);
            return plugin;
        } catch (SecurityException e) {
            throw refused(
                    "The jar was changed after it was signed: " + e.getMessage() + ".",
                    "Get it again from its author.");
        } catch (IOException e) {
            throw refused("The file is not a jar that can be read: " + e.getMessage() + ".", "Was it sent whole?");
        }
    }

    private void checkEntries(JarFile jar, long packed) throws IOException {
        Set<String> names = new HashSet<>();
        long unpacked = 0;
        byte[] buffer = new byte[1 << 16];
        for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
            JarEntry entry = entries.nextElement();
            String name = entry.getName();
            checkName(name);
            if (!names.add(name)) {
                throw refused("The jar has two entries '" + name + "'.", "Build it anew.");
            }
            if (names.size() > MOST_ENTRIES) {
                throw refused(
                        "The jar has more than " + MOST_ENTRIES + " entries.",
                        "Leave out what the plugin doesn't need.");
            }
            if (name.endsWith(".class") && !name.startsWith("META-INF/versions/")) {
                checkClass(jar, entry);
            }
            try (InputStream in = jar.getInputStream(entry)) {
                for (int read; (read = in.read(buffer)) >= 0; ) {
                    unpacked += read;
                    if (unpacked > MOST_BYTES || (unpacked > SMALL_BYTES && unpacked / packed > MOST_RATIO)) {
                        throw refused(
                                "The jar unpacks to far more than it is: more than " + (unpacked >> 20) + " MiB.",
                                "Is it a zip bomb? Leave out what the plugin doesn't need.");
                    }
                }
            }
        }
    }

    private static void checkName(String name) {
        boolean leaves = name.startsWith("/")
                || name.contains("\\")
                || name.indexOf(':') == 1
                || List.of(name.split("/")).contains("..");
        if (leaves) {
            throw refused(
                    "The jar's entry '" + name + "' points out of the jar.",
                    "Build it anew, with plain relative paths.");
        }
    }

    private void checkClass(JarFile jar, JarEntry entry) throws IOException {
        try (DataInputStream in = new DataInputStream(jar.getInputStream(entry))) {
            if (entry.getSize() < 8 || in.readInt() != CLASS_MAGIC) {
                throw refused("The jar's entry '" + entry.getName() + "' is no class file.", "Build it anew.");
            }
            in.readUnsignedShort();
            int release = in.readUnsignedShort() - FIRST_CLASS_VERSION;
            if (release > java) {
                throw refused(
                        "It was compiled for Java " + release + " and this host runs on Java " + java + ".",
                        "Compile it with --release " + java + " or lower.");
            }
        }
    }

    private static PluginJar read(Attributes manifest, String sha256) {
        Map<String, String> headers = headers(manifest);
        String name = header(headers, Constants.BUNDLE_SYMBOLICNAME)
                .orElseThrow(() -> refused(
                        "The jar is no bundle: its manifest has no Bundle-SymbolicName.",
                        "Build it with bnd-maven-plugin, as the archetype's projects are."));
        if (headers.containsKey(Constants.FRAGMENT_HOST)) {
            throw refused("The bundle is a fragment.", "A plugin is one bundle with its libraries inside.");
        }
        if (headers.containsKey(Constants.EXPORT_PACKAGE)) {
            throw refused(
                    "The bundle exports packages, which would tie others to one version of it.",
                    "Remove Export-Package: a plugin offers services, and has its libraries inside.");
        }
        if (name.replaceAll("[\\s\"]", "").toLowerCase(Locale.ROOT).contains("singleton:=true")) {
            throw refused(
                    "The bundle is a singleton, so that two versions of it can't run side by side.",
                    "Remove singleton:=true; a plugin that owns something exclusive says upgrade=exclusive.");
        }
        String text = header(headers, Constants.BUNDLE_VERSION).orElse("0.0.0");
        Version version;
        try {
            version = Version.parseVersion(text);
        } catch (IllegalArgumentException e) {
            throw refused("Its Bundle-Version '" + text + "' is no version.", "Give it one such as 1.2.0.");
        }
        Resource resource = resource(headers);
        checkCapabilities(resource);
        return PluginJar.of(name.replaceFirst(";.*", "").strip(), version, sha256, resource);
    }

    private static Resource resource(Map<String, String> headers) {
        try {
            ResourceImpl resource = ResourceBuilder.build("plugin", headers);
            Optional<String> system =
                    header(headers, Constants.BUNDLE_NATIVECODE).flatMap(NativeCode::need);
            if (system.isPresent()) {
                resource.addRequirements(ResourceBuilder.parseRequirement(resource, system.get()));
            }
            return resource;
        } catch (BundleException | IllegalArgumentException e) {
            throw refused("Its manifest can't be read: " + e.getMessage() + ".", "Mend the header that is named.");
        }
    }

    /** Describe a jar that was taken already. */
    static PluginJar describe(Attributes manifest, String sha256) {
        Map<String, String> headers = headers(manifest);
        return PluginJar.of(
                headers.getOrDefault(Constants.BUNDLE_SYMBOLICNAME, "")
                        .replaceFirst(";.*", "")
                        .strip(),
                Version.parseVersion(headers.get(Constants.BUNDLE_VERSION)),
                sha256,
                resource(headers));
    }

    private static Map<String, String> headers(Attributes manifest) {
        // As the framework does.
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        manifest.forEach((name, value) -> headers.put(name.toString(), value.toString()));
        return headers;
    }

    /** Tell whether a jar means to be a plugin, by its manifest; other namespaces and services may begin alike. */
    static boolean isPlugin(Attributes manifest) {
        String offered = manifest.getValue(Constants.PROVIDE_CAPABILITY);
        return offered != null && PLUGIN.matcher(offered).find();
    }

    private static void checkCapabilities(Resource resource) {
        if (resource.getCapabilities(LlmginePlugin.NAMESPACE).isEmpty()) {
            throw refused(
                    "The bundle is no plugin: it lacks the capability " + LlmginePlugin.NAMESPACE + ".",
                    "Annotate the component that implements the extension point with @LlmginePlugin.");
        }
        Set<Object> ids = new HashSet<>();
        for (Capability capability : resource.getCapabilities(LlmginePlugin.NAMESPACE)) {
            Object id = capability.getAttributes().get("id");
            Object kind = capability.getAttributes().get("kind");
            if (!(id instanceof String text) || !ID.matcher(text).matches()) {
                throw refused(
                        "Its id '" + (id == null ? "" : id) + "' is not usable.",
                        "Use lower-case letters, digits and hyphens, 64 at most.");
            }
            if (!(kind instanceof String named)
                    || !named.toLowerCase(Locale.ROOT).equals(named)
                    || named.isEmpty()) {
                throw refused("Its capability names no kind.", "Set kind, for example LlmginePlugin.TOOL.");
            }
            ids.add(id);
        }
        if (ids.size() > 1) {
            throw refused("It names several ids: " + ids + ".", "A plugin has one id, whatever it extends.");
        }
    }

    private static Optional<String> header(Map<String, String> headers, String name) {
        return Optional.ofNullable(headers.get(name)).map(String::strip).filter(text -> !text.isEmpty());
    }

    static LlmgineException refused(String message, String hint) {
        return new LlmgineException(ErrorCode.PLUGIN_REFUSED, message).withHint(hint);
    }
}
