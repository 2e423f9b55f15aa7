package org.llmgine.core.internal;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the settings of one moment; a change makes a new one.
 *
 * @param aliases the models that names stand for
 */
record Settings(
        String defaultModel,
        Map<String, String> aliases,
        Duration successorWait,
        Duration drainTimeout,
        Duration firstEventTimeout,
        Duration gapTimeout,
        Duration streamTimeout,
        Duration turnTimeout,
        int maxConcurrentStreams,
        int maxConcurrentTurns,
        Retrying retrying,
        int toolThreads,
        Duration toolTimeout,
        int maxContextMessages,
        int maxContextChars) {
    private static final Logger LOG = LoggerFactory.getLogger(Settings.class);

    /** What retry and breaker go by; apart from the rest, so that another setting's change leaves a breaker's state. */
    record Retrying(int retries, Duration delay, Duration maxDelay, int breakerFailures, Duration breakerDelay) {}

    static Settings of(CoreSettings settings) {
        return new Settings(
                settings.defaultModel(),
                aliases(settings.aliases()),
                Duration.ofMillis(settings.successorWaitMs()),
                Duration.ofMillis(settings.drainTimeoutMs()),
                Duration.ofMillis(settings.firstEventTimeoutMs()),
                Duration.ofMillis(settings.gapTimeoutMs()),
                Duration.ofMillis(settings.streamTimeoutMs()),
                Duration.ofMillis(settings.turnTimeoutMs()),
                settings.maxConcurrentStreams(),
                settings.maxConcurrentTurns(),
                new Retrying(
                        settings.retries(),
                        Duration.ofMillis(settings.retryDelayMs()),
                        Duration.ofMillis(Math.max(settings.retryMaxDelayMs(), settings.retryDelayMs() + 1)),
                        settings.breakerFailures(),
                        Duration.ofMillis(settings.breakerDelayMs())),
                settings.toolThreads(),
                Duration.ofMillis(settings.toolTimeoutMs()),
                settings.maxContextMessages(),
                settings.maxContextChars());
    }

    private static Map<String, String> aliases(String[] lines) {
        Map<String, String> aliases = new LinkedHashMap<>();
        Arrays.stream(lines).map(String::strip).filter(line -> !line.isEmpty()).forEach(line -> {
            int equals = line.indexOf('=');
            String name = equals < 0 ? "" : line.substring(0, equals).strip();
            String target = line.substring(equals + 1).strip();
            if (name.isEmpty() || name.equals(ModelNames.DEFAULT) || name.indexOf('/') >= 0 || target.isEmpty()) {
                LOG.error("{}: the alias '{}' is ignored: write name=instance/model.", CoreSettings.PID, line);
            } else {
                aliases.put(name, target);
            }
        });
        return Map.copyOf(aliases);
    }
}
