package org.llmgine.plugins.internal;

import java.time.Duration;
import java.util.List;

/** The plugin manager's settings, for tests. */
final class SettingsFixture {
    private SettingsFixture() {}

    static PluginSettings settings(String signatures) {
        return settings(signatures, "plugins/trust.pem", "");
    }

    static PluginSettings settings(String signatures, String trustStore, String password) {
        return settings(signatures, trustStore, password, List.of());
    }

    static PluginSettings settings(String signatures, List<String> catalogues) {
        return settings(signatures, "plugins/trust.pem", "", catalogues);
    }

    private static PluginSettings settings(
            String signatures, String trustStore, String password, List<String> catalogues) {
        Duration second = Duration.ofSeconds(1);
        return new PluginSettings(
                second,
                second,
                second,
                second,
                50,
                10,
                5,
                1 << 20,
                Duration.ofSeconds(10),
                signatures,
                trustStore,
                password,
                catalogues);
    }
}
