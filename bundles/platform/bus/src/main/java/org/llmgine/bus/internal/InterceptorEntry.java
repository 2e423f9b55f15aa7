package org.llmgine.bus.internal;

import org.jspecify.annotations.Nullable;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.Interceptor;
import org.llmgine.api.bus.MessageContext;

/** An interceptor of some bundle. One that is going lets everything pass. */
final class InterceptorEntry extends Entry implements Interceptor {
    private final Interceptor interceptor;

    InterceptorEntry(Owner owner, String name, Interceptor interceptor) {
        super(owner, name);
        this.interceptor = interceptor;
    }

    @Override
    public <R> @Nullable R aroundCommand(Command<R> command, MessageContext context, CommandChain<R> next)
            throws Exception {
        if (!enter()) {
            return next.proceed();
        }
        try {
            return call(() -> interceptor.aroundCommand(command, context, next));
        } finally {
            leave();
        }
    }

    @Override
    public void aroundEvent(Event event, MessageContext context, EventChain next) throws Exception {
        around(next, () -> interceptor.aroundEvent(event, context, next));
    }

    @Override
    public void aroundListener(Event event, MessageContext context, String listener, EventChain next) throws Exception {
        around(next, () -> interceptor.aroundListener(event, context, listener, next));
    }

    private void around(EventChain next, EventChain call) throws Exception {
        if (!enter()) {
            next.proceed();
            return;
        }
        try {
            call(() -> {
                call.proceed();
                return this;
            });
        } finally {
            leave();
        }
    }
}
