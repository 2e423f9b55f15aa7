package org.llmgine.core.settings;

import java.util.List;
import java.util.Optional;

/**
 * Describe what can be configured.
 *
 * @param pid the PID
 * @param factory whether there may be several, each as {@code pid~name}
 * @param name the name for people
 * @param description what it is, a sentence; may be empty
 * @param bundle the symbolic name of the bundle that it belongs to
 * @param plugin the id of the plugin that it belongs to; empty when it is the host's own
 * @param instances the PIDs of those that there are, for example {@code pid~work}
 */
public record ConfigurationEntry(
        String pid,
        boolean factory,
        String name,
        String description,
        String bundle,
        Optional<String> plugin,
        List<String> instances) {}
