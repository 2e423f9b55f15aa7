package org.llmgine.bus.internal;

import java.util.Optional;
import java.util.concurrent.Callable;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Logs when a command, the publishing of an event and a listener's call begin and end; never what is in them. */
@Component(
        service = Interceptor.class,
        configurationPid = LoggingConfig.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = LoggingConfig.class, factory = true)
public final class LoggingInterceptor implements Interceptor {
    private static final Logger LOG = LoggerFactory.getLogger(LoggingInterceptor.class);

    private final Topics topics;
    private final Level level;

    @Activate
    public LoggingInterceptor(LoggingConfig config) {
        topics = new Topics(config.topics());
        level = config.level();
    }

    @Override
    public <R> @Nullable R aroundCommand(Command<R> command, MessageContext context, CommandChain<R> next)
            throws Exception {
        return logged("The command", command, context, next::proceed);
    }

    @Override
    public void aroundEvent(Event event, MessageContext context, EventChain next) throws Exception {
        logged("The publishing of", event, context, () -> {
            next.proceed();
            return this;
        });
    }

    @Override
    public void aroundListener(Event event, MessageContext context, String listener, EventChain next) throws Exception {
        logged("The listener '" + listener + "' with", event, context, () -> {
            next.proceed();
            return this;
        });
    }

    private <R> R logged(String what, Object message, MessageContext context, Callable<R> work) throws Exception {
        Optional<String> type = topics.typeOf(message);
        if (type.isEmpty() || !LOG.isEnabledForLevel(level)) {
            return work.call();
        }
        String name = type.get();
        LOG.atLevel(level).log("{} '{}' ({}) begins in the session '{}'.", what, name, context.id(), context.session());
        long begun = System.nanoTime();
        try {
            R result = work.call();
            LOG.atLevel(level).log("{} '{}' ({}) succeeded after {} ms.", what, name, context.id(), millis(begun));
            return result;
        } catch (Throwable t) {
            LOG.atLevel(level)
                    .log("{} '{}' ({}) failed after {} ms: {}.", what, name, context.id(), millis(begun), code(t));
            throw t;
        }
    }

    private static double millis(long begun) {
        return (System.nanoTime() - begun) / 1000 / 1000.0;
    }

    private static String code(Throwable thrown) {
        ErrorCode code = switch (thrown) {
            case LlmgineException report -> report.code();
            case InterruptedException interrupt -> ErrorCode.CANCELLED;
            default -> ErrorCode.PLUGIN_FAILED;
        };
        return code.name();
    }
}
