package org.llmgine.core.internal;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeExecutor;
import dev.failsafe.RetryPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.model.ModelInfo;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.stream.StreamEvent;

/** Keeps a provider instance together with its retry. */
final class HostedProvider {
    private static final double JITTER = 0.25;

    private final Origin origin;
    private final ModelProvider provider;
    private volatile @Nullable Retry retry;

    HostedProvider(Origin origin, ModelProvider provider) {
        this.origin = origin;
        this.provider = provider;
    }

    /** Holds what was built from one state of the settings. */
    private record Retry(Settings.Retrying settings, FailsafeExecutor<StreamEvent> executor) {}

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

    /** Return what makes failed calls again, by the settings as they are. */
    FailsafeExecutor<StreamEvent> retry(Settings.Retrying settings) {
        Retry now = retry;
        if (now == null || !now.settings().equals(settings)) {
            now = new Retry(settings, Failsafe.with(policy(settings)));
            retry = now;
        }
        return now.executor();
    }

    private static RetryPolicy<StreamEvent> policy(Settings.Retrying settings) {
        return RetryPolicy.<StreamEvent>builder()
                .handleIf((event, failure) -> failure instanceof LlmgineException e && worthRetrying(e, settings))
                .withMaxRetries(settings.retries())
                .withBackoff(settings.delay(), settings.maxDelay())
                .withDelayFn(context -> askedDelay(context.getLastException()))
                .withJitter(JITTER)
                .build();
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
