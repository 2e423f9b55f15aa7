package org.llmgine.http.internal;

import java.time.Duration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;

/** Holds the settings of the moment, so that a change restarts nothing. */
@Component(service = HttpSettings.class, configurationPid = HttpSettings.PID)
@Designate(ocd = HttpConfig.class)
public final class HttpSettings {
    static final String PID = "org.llmgine.http";

    private volatile Snapshot current;

    @Activate
    public HttpSettings(HttpConfig config) {
        current = Snapshot.of(config);
    }

    @Modified
    void modified(HttpConfig config) {
        current = Snapshot.of(config);
    }

    Snapshot current() {
        return current;
    }

    record Snapshot(
            Duration heartbeat,
            long maxBodyBytes,
            long maxRestoreBytes,
            long maxPluginBytes,
            Duration headTimeout,
            Duration bodyTimeout,
            Duration restoreTimeout,
            int maxStreamsPerKey,
            int requestsPerSecondPerKey,
            Duration readyTimeout) {
        private static Snapshot of(HttpConfig config) {
            return new Snapshot(
                    Duration.ofMillis(config.heartbeatMs()),
                    config.maxBodyBytes(),
                    config.maxRestoreBytes(),
                    config.maxPluginBytes(),
                    Duration.ofMillis(config.headTimeoutMs()),
                    Duration.ofMillis(config.bodyTimeoutMs()),
                    Duration.ofMillis(config.restoreTimeoutMs()),
                    config.maxStreamsPerKey(),
                    config.requestsPerSecondPerKey(),
                    Duration.ofMillis(config.readyTimeoutMs()));
        }
    }
}
