package org.llmgine.plugins.internal;

import java.time.Duration;
import java.util.List;

/** Holds the plugin manager's settings, as they are now. */
record PluginSettings(
        Duration readyTimeout,
        Duration drainTimeout,
        Duration exclusiveDrainTimeout,
        Duration watch,
        int watchErrorPercent,
        int watchCalls,
        int keptVersions,
        long maxJarBytes,
        Duration fetchTimeout,
        String signatures,
        String trustStore,
        String trustStorePassword,
        List<String> catalogues) {
    /** {@link #signatures} when only what is signed may come. */
    static final String REQUIRE = "require";

    /** {@link #signatures} when it is only said what isn't signed. */
    static final String WARN = "warn";

    /** {@link #signatures} when nobody looks. */
    static final String OFF = "off";

    static PluginSettings of(PluginsConfig config) {
        return new PluginSettings(
                Duration.ofMillis(config.readyTimeoutMs()),
                Duration.ofMillis(config.drainTimeoutMs()),
                Duration.ofMillis(config.exclusiveDrainTimeoutMs()),
                Duration.ofMillis(config.watchMs()),
                config.watchErrorPercent(),
                config.watchCalls(),
                config.keptVersions(),
                config.maxJarBytes(),
                Duration.ofMillis(config.fetchTimeoutMs()),
                config.signatures(),
                config.trustStore(),
                config.trustStorePassword(),
                List.of(config.catalogues()));
    }

    /** Say nothing of the password. */
    @Override
    public String toString() {
        return "PluginSettings[signatures=" + signatures + ", trustStore=" + trustStore + ", catalogues=" + catalogues
                + "]";
    }
}
