package org.llmgine.core.settings;

import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.Secret;
import org.llmgine.core.command.AuditedCommand;

/**
 * Store settings and put them in force: all of them, or none. Needs the role {@code operator}.
 *
 * <p>Fails with {@code invalid_request}, naming the setting, when a value is unknown, not allowed or without effect because a
 * variable or a file in {@code etc} comes before it; with {@code not_found}; with {@code busy} when the version is another.
 *
 * @param principal who asks
 * @param pid the PID, or {@code pid~name}, which is made when it isn't there
 * @param values the settings to store: texts, numbers, booleans, lists of these; a text stands for a number, a boolean or, with
 *     commas, for a list, as in a file
 * @param unset the settings of which nothing is to be stored
 * @param replace whether what is named in neither is forgotten, too; a secret is not
 * @param version the version that is to be changed; empty for whichever it is
 */
@Secret
public record ChangeSettings(
        Principal principal,
        String pid,
        Map<String, Object> values,
        Set<String> unset,
        boolean replace,
        OptionalLong version)
        implements AuditedCommand<Configuration> {
    @Override
    public String target() {
        return pid;
    }

    /** Tell the names only. */
    @Override
    public String details(Configuration result) {
        return "version " + result.version() + ": " + String.join(", ", new TreeSet<>(values.keySet()))
                + (unset.isEmpty() ? "" : " not " + String.join(", ", new TreeSet<>(unset)));
    }

    /** Keep the values out of logs. */
    @Override
    public String toString() {
        return "ChangeSettings[pid=" + pid + ", values=" + values.keySet() + ", unset=" + unset + "]";
    }
}
