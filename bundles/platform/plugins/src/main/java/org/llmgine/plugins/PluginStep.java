package org.llmgine.plugins;

import java.time.Instant;

/**
 * Tells of one step of a change of a plugin.
 *
 * @param time when it was taken
 * @param plugin the plugin's symbolic name; empty as long as it isn't known
 * @param version the version; empty as long as it isn't known
 * @param state the state that it is in now: {@code checking}, or one of {@link VersionEntry}
 * @param message what is done, in a sentence
 */
public record PluginStep(Instant time, String plugin, String version, String state, String message) {}
