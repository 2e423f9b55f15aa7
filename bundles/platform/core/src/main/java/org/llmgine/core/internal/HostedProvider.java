package org.llmgine.core.internal;

import dev.failsafe.CircuitBreaker;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeExecutor;
import dev.failsafe.RetryPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.stream.StreamEvent;

/** Keeps a provider instance together with its retry and its breaker. */
final class HostedProvider {
    private static final double JITTER = 0.25;
    /** What counts against the back-end, and not against the caller. */
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
            Settings.Retrying settings,
            CircuitBreaker<StreamEvent> breaker,
            FailsafeExecutor<StreamEvent> executor,
            AtomicReference<String> lastFailure) {
        /** Ask the breaker for leave to try once; empty while it is open. */
        Optional<Permit> permit() {
            return breaker.tryAcquirePermit() ? Optional.of(new Permit(breaker, lastFailure)) : Optional.empty();
        }

        /** Say for how long nobody is let through, and why; nothing once a try is due. */
        Optional<String> leftAlone() {
            long seconds = breaker.isOpen()
                    ? breaker.getRemainingDelay().plusMillis(999).toSeconds()
                    : 0;
            return seconds == 0
                    ? Optional.empty()
                    : Optional.of("It failed too often and is left alone for " + seconds + " s; the last failure: "
                            + lastFailure.get());
        }

        /** Return how long the breaker stays open; a second while others are already trying for it. */
        Duration remainingDelay() {
            return breaker.isOpen() ? breaker.getRemainingDelay() : Duration.ofSeconds(1);
        }
    }

    /**
     * Lets one try through and tells the breaker once how it went. The breaker isn't part of the executor because a try lasts
     * until its stream is over, and the executor's work until the first event. Thread-safe.
     */
    static final class Permit {
        private final CircuitBreaker<StreamEvent> breaker;
        private final AtomicReference<String> lastFailure;
        private final boolean probing;
        private final AtomicBoolean told = new AtomicBoolean();

        private Permit(CircuitBreaker<StreamEvent> breaker, AtomicReference<String> lastFailure) {
            this.breaker = breaker;
            this.lastFailure = lastFailure;
            this.probing = breaker.isHalfOpen();
        }

        /** Tell how the try went, null for well. A report that blames the caller is an answer, and so is well, too. */
        void record(@Nullable Throwable failure) {
            if (failure instanceof LlmgineException e && e.code().equals(ErrorCode.CANCELLED)) {
                giveBack();
            } else if (told.compareAndSet(false, true)) {
                if (failure instanceof LlmgineException e && BREAKING.contains(e.code())) {
                    // Its sentence only: the exception itself may hold the plugin's classes.
                    lastFailure.set(e.getMessage());
                    breaker.recordFailure();
                } else {
                    breaker.recordSuccess();
                }
            }
        }

        /** Tell that the try was given up without a result. */
        void giveBack() {
            // A half-open breaker counts its permits, and takes one back only with a result; it must not close for this
            // one.
            if (told.compareAndSet(false, true) && probing && breaker.isHalfOpen()) {
                breaker.recordFailure();
            }
        }
    }

    ModelProvider provider() {
        return provider;
    }

    /** Ask for the models; what the provider throws is contained. */
    Listing listing() {
        return origin.call(() -> {
            List<ModelInfo> models = List.copyOf(provider.models());
            return new Listing(models, !models.isEmpty() && !provider.takesUnlistedModels());
        });
    }

    /**
     * What a provider tells of its models.
     *
     * @param complete whether there are no others
     */
    record Listing(List<ModelInfo> models, boolean complete) {
        static final Listing UNKNOWN = new Listing(List.of(), false);

        /**
         * Find a model; nothing when it isn't listed and may be tried all the same.
         *
         * @throws LlmgineException {@code model_not_found}
         */
        Optional<ModelInfo> find(ModelNames.Target target) {
            Optional<ModelInfo> found = models.stream()
                    .filter(model -> model.name().equals(target.model()))
                    .findFirst();
            if (complete && found.isEmpty()) {
                throw NearNames.hint(
                        new LlmgineException(
                                        ErrorCode.MODEL_NOT_FOUND,
                                        "The provider '" + target.instance() + "' has no model '" + target.model()
                                                + "'.")
                                .withField("model"),
                        target.model(),
                        models.stream().map(ModelInfo::name).toList());
            }
            return found;
        }

        /** Say what was meant when the back-end itself doesn't know a model that isn't listed. */
        LlmgineException hint(LlmgineException failure, ModelNames.Target target) {
            List<String> names = models.stream().map(ModelInfo::name).toList();
            boolean helps = failure.hint().isEmpty() && !names.isEmpty() && !names.contains(target.model());
            return helps ? NearNames.hint(failure, target.model(), names) : failure;
        }
    }

    /** Say for how long the breaker keeps callers away, and why; nothing while it lets them through. */
    Optional<String> leftAlone() {
        return Optional.ofNullable(policies).flatMap(Policies::leftAlone);
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
        Policies built = new Policies(settings, breaker, Failsafe.with(retry), new AtomicReference<>(""));
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

    /** Carries the reason for which a call is over past the retry. */
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
