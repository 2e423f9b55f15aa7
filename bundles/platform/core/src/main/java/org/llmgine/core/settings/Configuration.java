package org.llmgine.core.settings;

import java.util.List;
import java.util.Map;

/**
 * Hold one configuration: its form, and what is in force.
 *
 * @param about what it is
 * @param pid the PID, or {@code pid~name}
 * @param version the number of the last change that is stored; 0 when there was none
 * @param stored whether settings are stored for it
 * @param schema the JSON Schema (draft 2020-12) of its settings as plain Java values
 * @param settings the settings, in the form's order
 */
public record Configuration(
        ConfigurationEntry about,
        String pid,
        long version,
        boolean stored,
        Map<String, Object> schema,
        List<Setting> settings) {}
