package org.llmgine.itest.bus.chaos.internal;

import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.Interceptor;
import org.llmgine.api.bus.MessageContext;
import org.osgi.service.component.annotations.Component;

/** Throws around the listeners of sessions that are hurt. */
@Component
public final class Meddler implements Interceptor {
    @Override
    public void aroundListener(Event event, MessageContext context, String listener, EventChain next) throws Exception {
        if (context.session().startsWith("chaos-") && Math.floorMod(event.hashCode(), 50) == 3) {
            throw new IllegalStateException("meddled");
        }
        next.proceed();
    }
}
