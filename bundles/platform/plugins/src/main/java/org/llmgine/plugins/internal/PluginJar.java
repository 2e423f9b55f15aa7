package org.llmgine.plugins.internal;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.plugins.PluginEntry;
import org.osgi.framework.Version;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.resource.Capability;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;

/**
 * Tells what a jar says that it is.
 *
 * @param sha256 of the whole file, in hexadecimal
 * @param resource what it offers and needs
 */
record PluginJar(
        String symbolicName,
        Version version,
        String sha256,
        String id,
        List<String> kinds,
        PluginEntry.About about,
        Resource resource) {
    static PluginJar of(String symbolicName, Version version, String sha256, Resource resource) {
        List<Capability> capabilities = resource.getCapabilities(LlmginePlugin.NAMESPACE);
        Map<String, Object> first = capabilities.getFirst().getAttributes();
        return new PluginJar(
                symbolicName,
                version,
                sha256,
                text(first, "id"),
                capabilities.stream()
                        .map(capability -> text(capability.getAttributes(), "kind"))
                        .distinct()
                        .toList(),
                about(first),
                resource);
    }

    private static PluginEntry.About about(Map<String, Object> attributes) {
        String upgrade = text(attributes, "upgrade");
        return new PluginEntry.About(
                text(attributes, "name"),
                text(attributes, "description"),
                text(attributes, "author"),
                text(attributes, "icon"),
                texts(attributes, "links"),
                texts(attributes, "permissions"),
                texts(attributes, "pids"),
                upgrade.isEmpty() ? PluginEntry.About.PARALLEL : upgrade);
    }

    private static String text(Map<String, Object> attributes, String name) {
        return attributes.get(name) instanceof String text ? text : "";
    }

    private static List<String> texts(Map<String, Object> attributes, String name) {
        return switch (attributes.get(name)) {
            case List<?> several -> several.stream().map(String::valueOf).toList();
            case String text when !text.isEmpty() -> List.of(text);
            case null, default -> List.of();
        };
    }

    boolean isExclusive() {
        return about.upgrade().equals(PluginEntry.About.EXCLUSIVE);
    }

    /** Return the packages of the api that it imports, each with the range of its versions. */
    Map<String, String> api() {
        Map<String, String> packages = new TreeMap<>();
        for (Requirement need : resource.getRequirements(PackageNamespace.PACKAGE_NAMESPACE)) {
            if (Needs.isApi(need)) {
                packages.put(Needs.packageName(need), Needs.range(need));
            }
        }
        return packages;
    }
}
