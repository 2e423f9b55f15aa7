package org.llmgine.core.internal;

import dev.failsafe.CircuitBreaker;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeExecutor;
import dev.failsafe.RetryPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.stream.StreamEvent;

/** Keeps a provider instance together with its retry and its breaker. */
final class HostedProvider {
    private static final double JITTER = 0.25;
    private static final Set<ErrorCode> BREAKING =
            Set.of(ErrorCode.PROVIDER_ERROR, ErrorCode.UNAVAILABLE, ErrorCode.TIMEOUT, ErrorCode.PLUGIN_FAILED);

    private final Origin origin;
    private final ModelProvider provider;
    private volatile @Nullable Policies policies;

    HostedProvider(Origin origin, ModelProvider provider) {
        this.origin = origin;
        this.provider = provider;
    }

    /** Holds what was built from one state of the settings. */
    record Policies(
            Settings.Retrying settings, CircuitBreaker<StreamEvent> breaker, FailsafeExecutor<StreamEvent> executor) {}

    ModelProvider provider() {
        return provider;
    }

    /** List the models; what the provider throws is contained. */
    List<ModelInfo> models() {
        return origin.call(() -> List.copyOf(provider.models()));
    }

    /** Tell whether a failure counts against the back-end, and not against the caller. */
    static boolean breaks(Throwable failure) {
        return failure instanceof LlmgineException e && BREAKING.contains(e.code())
                || failure instanceof Ended ended
                        && BREAKING.contains(ended.reason().code());
    }

    /** Return retry and breaker for the settings as they are; the breaker's state lasts until its settings change. */
    Policies policies(Settings.Retrying settings) {
        Policies now = policies;
        return now != null && now.settings().equals(settings) ? now : build(settings);
    }

    private synchronized Policies build(Settings.Retrying settings) {
        Policies now = policies;
        if (now != null && now.settings().equals(settings)) {
            return now;
        }
        CircuitBreaker<StreamEvent> breaker = CircuitBreaker.<StreamEvent>builder()
                .handleIf((event, failure) -> failure != null && breaks(failure))
                .withFailureThreshold(settings.breakerFailures())
                .withDelay(settings.breakerDelay())
                .build();
        RetryPolicy<StreamEvent> retry = RetryPolicy.<StreamEvent>builder()
                .handleIf((event, failure) -> failure instanceof LlmgineException e && worthRetrying(e, settings))
                .withMaxRetries(settings.retries())
                .withBackoff(settings.delay(), settings.maxDelay())
                .withDelayFn(context -> askedDelay(context.getLastException()))
                .withJitter(JITTER)
                .build();
        Policies built = new Policies(settings, breaker, Failsafe.with(retry, breaker));
        policies = built;
        return built;
    }

    private static boolean worthRetrying(LlmgineException failure, Settings.Retrying settings) {
        return failure.code().retryable()
                && failure.retryAfter().orElse(Duration.ZERO).compareTo(settings.maxDelay()) <= 0;
    }

    /** Return the pause that the back-end asked for, long enough for the jitter to keep to it; negative for none. */
    private static Duration askedDelay(@Nullable Throwable failure) {
        Duration none = Duration.ofMillis(-1);
        return failure instanceof LlmgineException e
                ? e.retryAfter()
                        .map(asked -> Duration.ofNanos((long) (asked.toNanos() / (1 - JITTER))))
                        .orElse(none)
                : none;
    }

    /** Carries the reason for which a call was ended from outside past retry and breaker. */
    static final class Ended extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient LlmgineException reason;

        Ended(LlmgineException reason) {
            super(null, reason, false, false);
            this.reason = reason;
        }

        LlmgineException reason() {
            return reason;
        }
    }
}
