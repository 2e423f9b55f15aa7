package org.llmgine.bus.internal;

import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.bus.MessageCodec;
import org.llmgine.bus.StoredMessage;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Writes messages as timers and dead letters are written. */
@Component(service = MessageCodec.class)
public final class FrameworkCodec implements MessageCodec {
    private final Messages messages;

    /** Know the classes of the framework's bundles. */
    @Activate
    public FrameworkCodec(BundleContext context) {
        this(new Messages(new FrameworkBundles(context)));
    }

    FrameworkCodec(Messages messages) {
        this.messages = messages;
    }

    @Override
    public StoredMessage write(Event event, MessageContext context) {
        return messages.store(context, event, StoredMessage.EVENT);
    }
}
