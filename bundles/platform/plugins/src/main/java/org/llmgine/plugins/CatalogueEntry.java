package org.llmgine.plugins;

import java.util.List;
import java.util.Optional;

/**
 * Describes a plugin that a catalogue offers.
 *
 * @param catalogue the catalogue's name
 * @param id the plugin's id
 * @param name its name for people; may be empty, as all that follows
 * @param description what it does, in a sentence
 * @param kinds what it extends, such as {@code tool}
 * @param author who made it
 * @param icon the address of a picture
 * @param links where to read more
 * @param versions those that are offered, the newest first
 */
public record CatalogueEntry(
        String catalogue,
        String id,
        String name,
        String description,
        List<String> kinds,
        String author,
        String icon,
        List<String> links,
        List<Version> versions) {
    /**
     * Describes one version.
     *
     * @param version the bundle's version
     * @param sha256 the jar's SHA-256, in hexadecimal
     * @param problem why this host can't take it; empty when its api fits
     */
    public record Version(String version, String sha256, Optional<String> problem) {}
}
