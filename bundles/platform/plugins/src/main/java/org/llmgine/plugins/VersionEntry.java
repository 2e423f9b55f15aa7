package org.llmgine.plugins;

import java.time.Instant;
import java.util.Optional;

/**
 * Describes a version of a plugin.
 *
 * @param version the bundle's version
 * @param sha256 the jar's SHA-256, in hexadecimal
 * @param source where it came from
 * @param installed when
 * @param installedBy who asked for it
 * @param state one of the constants
 * @param problem what is amiss with it; empty for nothing
 * @param leases the calls in flight
 */
public record VersionEntry(
        String version,
        String sha256,
        String source,
        Instant installed,
        String installedBy,
        String state,
        Optional<String> problem,
        int leases) {
    /** Its jar is there, and it isn't started. */
    public static final String KEPT = "kept";

    /** Its bundle is installed. */
    public static final String INSTALLED = "installed";

    /** Its bundle starts, and is not ready yet. */
    public static final String STARTING = "starting";

    /** It could serve. */
    public static final String READY = "ready";

    /** It gets new calls. */
    public static final String ACTIVE = "active";

    /** It failed too often: for a while its callers are refused, then some are let through to try. */
    public static final String QUARANTINED = "quarantined";

    /** It ends the calls that it has. */
    public static final String DRAINING = "draining";

    /** It did not become ready, or does not serve. */
    public static final String FAILED = "failed";
}
