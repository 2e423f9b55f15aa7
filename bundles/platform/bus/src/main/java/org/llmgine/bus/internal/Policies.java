package org.llmgine.bus.internal;

import com.codahale.metrics.Gauge;
import dev.failsafe.CircuitBreaker;
import dev.failsafe.CircuitBreakerOpenException;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.FailsafeExecutor;
import dev.failsafe.RetryPolicy;
import dev.failsafe.RetryPolicyBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/** Knows which types of messages are retried, left alone for a while, and kept when they are given up. */
final class Policies {
    private static final double JITTER = 0.5;
    private static final Duration BY_RULE = Duration.ofNanos(-1);

    private final BusFigures figures;
    private final Map<Class<?>, Optional<Policy>> known = new ConcurrentHashMap<>();
    private volatile List<MessagePolicy> rules = List.of();

    Policies(BusFigures figures) {
        this.figures = figures;
    }

    /** Take other rules, the first that names a type counts. */
    void rules(List<MessagePolicy> now) {
        rules = List.copyOf(now);
        known.clear();
    }

    List<MessagePolicy> rules() {
        return new ArrayList<>(rules);
    }

    void forgetTypes() {
        known.clear();
    }

    @Nullable Policy of(Class<?> type) {
        if (rules.isEmpty()) {
            return null;
        }
        return known.computeIfAbsent(type, this::find).orElse(null);
    }

    boolean keepsDead(Class<?> type) {
        Policy policy = of(type);
        return policy != null && policy.rule.deadLetter();
    }

    private Optional<Policy> find(Class<?> type) {
        String name = TypeInfo.of(type).name();
        return rules.stream()
                .filter(rule -> rule.types().stream().anyMatch(pattern -> pattern.matches(name)))
                .findFirst()
                .map(rule -> new Policy(rule, name, figures));
    }

    /** What is done about one type's failures. */
    static final class Policy {
        private final MessagePolicy rule;
        private final String type;
        private final Optional<CircuitBreaker<Object>> breaker;
        private final FailsafeExecutor<Object> guard;

        Policy(MessagePolicy rule, String type, BusFigures figures) {
            this.rule = rule;
            this.type = type;
            List<dev.failsafe.Policy<Object>> policies = new ArrayList<>();
            policies.add(retries(rule));
            breaker = rule.breakerFailures() == 0 ? Optional.empty() : Optional.of(breaker(rule));
            breaker.ifPresent(one -> {
                policies.add(one);
                Gauge<String> state = () -> one.getState().name().toLowerCase(Locale.ROOT);
                figures.gauge("circuit_breaker_state{type=\"" + type + "\"}", state);
            });
            guard = Failsafe.with(policies);
        }

        static RetryPolicy<Object> retries(MessagePolicy rule) {
            RetryPolicyBuilder<Object> builder = RetryPolicy.builder()
                    .handleIf(Policy::mayHelp)
                    .abortOn(CircuitBreakerOpenException.class)
                    .withMaxRetries(rule.retries())
                    // Who says how long to wait is listened to; a negative time leaves it to the rule.
                    .withDelayFnOn(
                            asked -> asked.getLastException() instanceof LlmgineException known
                                    ? known.retryAfter().orElse(BY_RULE)
                                    : BY_RULE,
                            LlmgineException.class);
            if (rule.retryDelay().isZero()) {
                return builder.build();
            }
            if (rule.retryMaxDelay().compareTo(rule.retryDelay()) > 0) {
                builder.withBackoff(rule.retryDelay(), rule.retryMaxDelay());
            } else {
                builder.withDelay(rule.retryDelay());
            }
            return rule.jitter() ? builder.withJitter(JITTER).build() : builder.build();
        }

        private static CircuitBreaker<Object> breaker(MessagePolicy rule) {
            return CircuitBreaker.builder()
                    .handleIf(failure -> failure instanceof LlmgineException known && isHandlers(known))
                    .withFailureThreshold(rule.breakerFailures(), rule.breakerWindow())
                    .withSuccessThreshold(rule.breakerSuccesses())
                    .withDelay(rule.breakerDelay())
                    .build();
        }

        /** Tell whether another try may help. */
        private static boolean mayHelp(Throwable failure) {
            return failure instanceof LlmgineException known
                    && (known.code().retryable() || known.code().equals(ErrorCode.PLUGIN_FAILED));
        }

        /** Tell whether the handler is to blame. */
        private static boolean isHandlers(LlmgineException failure) {
            return mayHelp(failure) || failure.code().equals(ErrorCode.INTERNAL);
        }

        /** Call the handler as often as the rule says. */
        @SuppressWarnings("unchecked")
        <R> R execute(Callable<R> attempt) {
            try {
                return (R) guard.get(() -> attempt.call());
            } catch (CircuitBreakerOpenException e) {
                Duration left = breaker.map(CircuitBreaker::getRemainingDelay).orElse(Duration.ZERO);
                throw new LlmgineException(
                                ErrorCode.UNAVAILABLE,
                                "The command '" + type + "' failed too often and is left alone for a while.",
                                e)
                        .withRetryAfter(left);
            } catch (FailsafeException e) {
                Thread.currentThread().interrupt();
                throw Failures.interrupted();
            }
        }

        Optional<CircuitBreaker<Object>> breaker() {
            return breaker;
        }
    }
}
