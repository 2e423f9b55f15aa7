package org.llmgine.api.bus;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Stand around commands and events. Implemented by plugins and the host, as services; the one with the highest
 * {@code service.ranking} is the outermost. It may come and go at any time: what runs ends with the chain that it began with.
 *
 * <p>The bus calls it on the thread of what it stands around. What it throws counts as thrown by what is inside.
 */
@ConsumerType
public interface Interceptor {
    /** Stand around a command's handler; called once for each attempt. */
    default <R> @Nullable R aroundCommand(Command<R> command, MessageContext context, CommandChain<R> next)
            throws Exception {
        return next.proceed();
    }

    /**
     * Stand around the publishing of an event, once, before it is queued; without {@code proceed} it goes nowhere. Not called
     * for what the bus itself tells ({@code llmgine/bus/…}).
     */
    default void aroundEvent(Event event, MessageContext context, EventChain next) throws Exception {
        next.proceed();
    }

    /** Stand around one listener's call. */
    default void aroundListener(Event event, MessageContext context, String listener, EventChain next)
            throws Exception {
        next.proceed();
    }

    /**
     * What is inside of an interceptor.
     *
     * @param <R> the command's result
     */
    @FunctionalInterface
    interface CommandChain<R> {
        /** Go on; at most once. */
        @Nullable R proceed() throws Exception;
    }

    /** What is inside of an interceptor. */
    @FunctionalInterface
    interface EventChain {
        /** Go on; at most once. */
        void proceed() throws Exception;
    }
}
