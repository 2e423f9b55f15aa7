package org.llmgine.bus.internal;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.Interceptor;
import org.llmgine.api.bus.MessageContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.Designate;

/** Limits the rate of commands, each attempt counted, and of events. Who comes too early waits, and nobody else with it. */
@Component(
        service = Interceptor.class,
        configurationPid = RateLimitConfig.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = RateLimitConfig.class, factory = true)
public final class RateLimitInterceptor implements Interceptor {
    private final Topics topics;
    private final RateLimitConfig.Key key;
    private final long maxWait;
    private final Buckets buckets;
    private final Pause pause;

    /** Lets a sender wait. */
    @FunctionalInterface
    interface Pause {
        void pause(Duration time) throws InterruptedException;
    }

    @Activate
    public RateLimitInterceptor(RateLimitConfig config) {
        this(config, System::nanoTime, Thread::sleep);
    }

    RateLimitInterceptor(RateLimitConfig config, LongSupplier nanoTime, Pause pause) {
        topics = new Topics(config.topics());
        key = config.key();
        maxWait = Duration.ofMillis(config.maxWaitMs()).toNanos();
        buckets = new Buckets(config.permitsPerSecond(), config.burst(), nanoTime);
        this.pause = pause;
    }

    @Override
    public <R> @Nullable R aroundCommand(Command<R> command, MessageContext context, CommandChain<R> next)
            throws Exception {
        limit(command, context);
        return next.proceed();
    }

    @Override
    public void aroundEvent(Event event, MessageContext context, EventChain next) throws Exception {
        limit(event, context);
        next.proceed();
    }

    private void limit(Object message, MessageContext context) throws InterruptedException {
        Optional<String> type = topics.typeOf(message);
        if (type.isEmpty()) {
            return;
        }
        long wait = buckets.take(
                switch (key) {
                    case TYPE -> type.get();
                    case SESSION -> context.session();
                    case PRINCIPAL -> context.principal().name();
                },
                maxWait);
        if (wait > maxWait) {
            throw new LlmgineException(
                            ErrorCode.RATE_LIMITED, "Messages like '" + type.get() + "' come faster than is allowed.")
                    .withRetryAfter(Duration.ofNanos(wait));
        }
        if (wait > 0) {
            pause.pause(Duration.ofNanos(wait));
        }
    }
}
