package org.llmgine.plugins;

import java.util.List;

/**
 * Describes a plugin.
 *
 * @param id the plugin's id, from its capability; the one that its instances are named after
 * @param symbolicName the bundle's symbolic name, by which it is known
 * @param kinds what it extends, such as {@code tool}
 * @param about what its active version, or its last, says about itself
 * @param enabled whether it is to serve
 * @param active the version that serves, or would if it were enabled
 * @param versions those that are kept, the newest first
 */
public record PluginEntry(
        String id,
        String symbolicName,
        List<String> kinds,
        About about,
        boolean enabled,
        String active,
        List<VersionEntry> versions) {
    /**
     * Is what a plugin says about itself; what it doesn't say is empty.
     *
     * @param name its name for people
     * @param description what it does, in a sentence
     * @param author who made it
     * @param icon the address of a picture, or a path in its jar
     * @param links where to read more
     * @param permissions what it says that it will use; shown, and not enforced
     * @param pids the configuration PIDs that it takes
     * @param upgrade {@code parallel} or {@code exclusive}
     */
    public record About(
            String name,
            String description,
            String author,
            String icon,
            List<String> links,
            List<String> permissions,
            List<String> pids,
            String upgrade) {
        /** {@link #upgrade} of a plugin whose versions may run side by side. */
        public static final String PARALLEL = "parallel";

        /** {@link #upgrade} of a plugin of which only one version may run at a time. */
        public static final String EXCLUSIVE = "exclusive";
    }
}
