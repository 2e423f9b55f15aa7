package org.llmgine.plugins.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;
import org.osgi.framework.VersionRange;
import org.osgi.framework.namespace.ExecutionEnvironmentNamespace;
import org.osgi.framework.namespace.NativeNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.resource.Namespace;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;

/** Looks for what a jar needs in the framework, without installing it. */
final class Needs {
    private static final String API = "org.llmgine.api";

    private static final Pattern PACKAGE = Pattern.compile("\\(osgi\\.wiring\\.package=([^)]+)\\)");
    private static final Pattern FROM = Pattern.compile("(?<!!)\\(version>=([^)]+)\\)");
    private static final Pattern TO = Pattern.compile("\\(!\\(version>=([^)]+)\\)\\)");

    private final FrameworkWiring wiring;
    private final BundleContext context;

    Needs(BundleContext context) {
        this.context = context;
        wiring = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
    }

    /** Say what is missing from the host's api, in the version that the jar was built for. */
    Optional<String> missingApi(PluginJar jar) {
        return missing(jar).stream()
                .filter(Needs::isApi)
                .findFirst()
                .map(need -> missingApi(packageName(need), range(need)));
    }

    /**
     * Say what is missing from the host's api.
     *
     * @param packages the packages that something was built for, each with the range of its versions
     */
    Optional<String> missingApi(Map<String, String> packages) {
        return packages.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .filter(wanted ->
                        found(wanted.getKey()).stream().noneMatch(VersionRange.valueOf(wanted.getValue())::includes))
                .findFirst()
                .map(wanted -> missingApi(wanted.getKey(), wanted.getValue()));
    }

    private String missingApi(String name, String range) {
        String has = versions(name);
        return has.isEmpty()
                ? "It needs the package " + name + ", which this host's api doesn't have."
                : "It was built for another api: it needs the package " + name + " in version " + range
                        + ", and this host has " + has + ".";
    }

    /** Say what else is missing, each in a few words. */
    List<String> missingRest(PluginJar jar) {
        return missing(jar).stream()
                .filter(need -> !isApi(need))
                .map(this::words)
                .toList();
    }

    /** Say why what is here does not go together for it; empty when the jar can be resolved, or lacks something. */
    Optional<String> conflict(PluginJar jar) {
        return missing(jar).isEmpty() ? Resolution.conflict(jar.resource(), context, wiring) : Optional.empty();
    }

    private List<Requirement> missing(PluginJar jar) {
        List<Requirement> missing = new ArrayList<>();
        for (Requirement need : jar.resource().getRequirements(null)) {
            Map<String, String> directives = need.getDirectives();
            boolean counts = !Namespace.RESOLUTION_OPTIONAL.equals(
                            directives.get(Namespace.REQUIREMENT_RESOLUTION_DIRECTIVE))
                    && directives
                            .getOrDefault(Namespace.REQUIREMENT_EFFECTIVE_DIRECTIVE, Namespace.EFFECTIVE_RESOLVE)
                            .equals(Namespace.EFFECTIVE_RESOLVE);
            if (counts && wiring.findProviders(need).isEmpty() && !offersItself(jar, need)) {
                missing.add(need);
            }
        }
        return missing;
    }

    private static boolean offersItself(PluginJar jar, Requirement need) {
        return !need.getNamespace().equals(PackageNamespace.PACKAGE_NAMESPACE)
                && !jar.resource().getCapabilities(need.getNamespace()).isEmpty();
    }

    static boolean isApi(Requirement need) {
        return need.getNamespace().equals(PackageNamespace.PACKAGE_NAMESPACE)
                && (packageName(need).equals(API) || packageName(need).startsWith(API + "."));
    }

    private String words(Requirement need) {
        return switch (need.getNamespace()) {
            case PackageNamespace.PACKAGE_NAMESPACE -> {
                String name = packageName(need);
                String has = versions(name);
                yield "the package " + name + " in version " + range(need)
                        + (has.isEmpty() ? "" : " (there is " + has + ")");
            }
            case NativeNamespace.NATIVE_NAMESPACE ->
                "native code for another system: this one is " + System.getProperty("os.name") + " on "
                        + System.getProperty("os.arch");
            case ExecutionEnvironmentNamespace.EXECUTION_ENVIRONMENT_NAMESPACE -> "another Java: " + filter(need);
            default -> "the capability " + need.getNamespace() + " " + filter(need);
        };
    }

    private static String filter(Requirement need) {
        return need.getDirectives().getOrDefault(Namespace.REQUIREMENT_FILTER_DIRECTIVE, "");
    }

    /** Return the versions of a package that the framework has, as text. */
    private String versions(String name) {
        return String.join(" and ", found(name).stream().map(Version::toString).toList());
    }

    private List<Version> found(String name) {
        return wiring.findProviders(new AnyVersion(name)).stream()
                .map(capability -> Version.parseVersion(
                        String.valueOf(capability.getAttributes().get(PackageNamespace.CAPABILITY_VERSION_ATTRIBUTE))))
                .distinct()
                .sorted()
                .toList();
    }

    static String packageName(Requirement need) {
        Matcher name = PACKAGE.matcher(filter(need));
        return name.find() ? name.group(1) : "";
    }

    /** Write a filter's bounds as a range, such as {@code [1.0.0,2.0.0)}. */
    static String range(Requirement need) {
        Matcher from = FROM.matcher(filter(need));
        Matcher to = TO.matcher(filter(need));
        String least = from.find() ? from.group(1) : "0.0.0";
        return to.find() ? "[" + least + "," + to.group(1) + ")" : least;
    }

    /** Asks for a package in any version. */
    private static final class AnyVersion implements Requirement {
        private final String name;

        AnyVersion(String name) {
            this.name = name;
        }

        @Override
        public String getNamespace() {
            return PackageNamespace.PACKAGE_NAMESPACE;
        }

        @Override
        public Map<String, String> getDirectives() {
            return Map.of(Namespace.REQUIREMENT_FILTER_DIRECTIVE, "(osgi.wiring.package=" + name + ")");
        }

        @Override
        public Map<String, Object> getAttributes() {
            return Map.of();
        }

        @Override
        public @Nullable Resource getResource() {
            return null;
        }
    }
}
