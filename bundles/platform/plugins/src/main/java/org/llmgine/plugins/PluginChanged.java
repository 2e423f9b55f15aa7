package org.llmgine.plugins;

import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.MessageType;

/**
 * Tell of one step of a change of a plugin, in the bus' session of that plugin.
 *
 * @param plugin the plugin's symbolic name
 * @param version the version
 * @param state the state that the version is in now: one of {@link VersionEntry}
 * @param message what is done, in a sentence
 */
@MessageType(PluginChanged.TYPE)
public record PluginChanged(String plugin, String version, String state, String message) implements Event {
    /** The type by which it is known. */
    public static final String TYPE = "llmgine/plugin/changed";

    /** Return the bus' session in which a plugin's changes are told. */
    public static String session(String plugin) {
        return "plugin/" + plugin;
    }
}
