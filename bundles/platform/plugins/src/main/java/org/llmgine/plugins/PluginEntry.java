package org.llmgine.plugins;

import java.util.List;
import java.util.Optional;

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
 * @param figures how it fares
 */
public record PluginEntry(
        String id,
        String symbolicName,
        List<String> kinds,
        About about,
        boolean enabled,
        String active,
        List<VersionEntry> versions,
        Figures figures) {
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

    /**
     * Tells how a plugin fares.
     *
     * @param instances what its versions offer, by kind and name
     * @param toolThreads how many threads its tools have now
     * @param leftBehind the names of those threads that ignore their interrupt and still run
     * @param classLoaders how many of its versions' class loaders have not been collected, those that serve included
     */
    public record Figures(
            List<InstanceFigures> instances, int toolThreads, List<String> leftBehind, int classLoaders) {}

    /**
     * Tells how an instance of one version fares.
     *
     * @param kind the extension point, such as {@code tool}
     * @param name the instance's name
     * @param version whose it is
     * @param calls how many calls began on this version, since its bundle started
     * @param errors how many of these failed through the plugin
     * @param inFlight how many of them run
     * @param p50Ms the median time of the name's calls of the last minutes, whatever version served them, in milliseconds
     * @param p99Ms the time that 99 of 100 of them did not exceed
     * @param problem why it is left out or quarantined; empty when callers are let through
     */
    public record InstanceFigures(
            String kind,
            String name,
            String version,
            long calls,
            long errors,
            int inFlight,
            double p50Ms,
            double p99Ms,
            Optional<String> problem) {}
}
