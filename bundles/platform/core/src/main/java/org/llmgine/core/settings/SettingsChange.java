package org.llmgine.core.settings;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Tell of one change of a configuration.
 *
 * @param pid the PID, or {@code pid~name}
 * @param version its number, from 1
 * @param time when it was
 * @param principal the name of who changed it
 * @param removed whether nothing is stored since
 * @param changed the names of the settings that were another before
 * @param values what is stored since, without secrets
 * @param secrets the names of the secrets that are stored since
 */
public record SettingsChange(
        String pid,
        long version,
        Instant time,
        String principal,
        boolean removed,
        List<String> changed,
        Map<String, Object> values,
        List<String> secrets) {}
