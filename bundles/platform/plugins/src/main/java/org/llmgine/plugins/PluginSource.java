package org.llmgine.plugins;

import java.nio.file.Path;
import java.util.Optional;

/** Says where a plugin's jar is. */
public sealed interface PluginSource {
    /** Say it in a few words, for lists and the audit. */
    String label();

    /**
     * A file that is read once and may go afterwards.
     *
     * @param label where it came from, such as {@code upload}
     */
    record File(Path path, String label) implements PluginSource {}

    /**
     * An address to read it from.
     *
     * @param address {@code https:}, {@code http:}, {@code file:} or {@code mvn:GROUP/ARTIFACT/VERSION}
     */
    record Address(String address) implements PluginSource {
        /** Leave out what may be a secret: who asks, and what follows a question mark. */
        @Override
        public String label() {
            return address.replaceFirst("//[^/@]*@", "//").replaceFirst("[?#].*", "");
        }
    }

    /**
     * A plugin that a catalogue offers.
     *
     * @param id the plugin's id
     * @param version which version; empty for the newest that fits this host
     */
    record Catalogue(String id, Optional<String> version) implements PluginSource {
        @Override
        public String label() {
            return "catalogue " + id + version.map(wanted -> " " + wanted).orElse("");
        }
    }
}
