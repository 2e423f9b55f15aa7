package org.llmgine.plugins;

import java.util.List;
import java.util.Optional;

/**
 * Tells what came of the installation of a plugin.
 *
 * @param id the plugin's id
 * @param symbolicName the bundle's symbolic name
 * @param version the bundle's version
 * @param sha256 the jar's SHA-256, in hexadecimal
 * @param checks what was looked at; with {@link InstallPlugin#dryRun} one of them may have failed
 * @param replaced the other version that served before; empty when there was none
 * @param installed whether it serves now
 */
public record InstallReport(
        String id,
        String symbolicName,
        String version,
        String sha256,
        List<Check> checks,
        Optional<String> replaced,
        boolean installed) {
    /**
     * Tells of one check.
     *
     * @param name what was looked at, such as {@code api}
     * @param passed whether it may go on
     * @param message what was found; when it failed, what would mend it
     */
    public record Check(String name, boolean passed, String message) {}
}
