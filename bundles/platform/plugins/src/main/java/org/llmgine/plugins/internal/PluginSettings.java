package org.llmgine.plugins.internal;

import java.time.Duration;

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
        Duration fetchTimeout) {
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
                Duration.ofMillis(config.fetchTimeoutMs()));
    }
}
