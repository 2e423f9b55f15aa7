package org.llmgine.core.command;

import java.util.Map;
import java.util.Optional;
import org.llmgine.api.tool.ToolSpec;

/**
 * Describe one instance of a plugin.
 *
 * @param kind the extension point
 * @param name the instance, for example {@code openai~work}; for a tool the tool's name
 * @param plugin the plugin's id
 * @param version the plugin's version
 * @param bundle the bundle's symbolic name
 * @param state {@code active}, {@code ready}, {@code draining}, or {@code quarantined} or {@code failed} with the problem
 * @param problem why the instance is left out, or what is amiss although it serves, as a sentence
 * @param inFlight the leases that are held now
 * @param figures counters and times: {@code calls}, {@code errors}, {@code p50Ms}, {@code p99Ms}
 * @param tool what a model is shown, for a tool
 */
public record InstanceEntry(
        String kind,
        String name,
        String plugin,
        String version,
        String bundle,
        String state,
        Optional<String> problem,
        int inFlight,
        Map<String, Number> figures,
        Optional<ToolSpec> tool) {}
