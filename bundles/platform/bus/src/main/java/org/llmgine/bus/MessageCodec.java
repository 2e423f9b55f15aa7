package org.llmgine.bus;

import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.MessageContext;
import org.osgi.annotation.versioning.ProviderType;

/** Write messages in the form that outlives their classes. Thread-safe. */
@ProviderType
public interface MessageCodec {
    /**
     * Write an event with what belongs to it.
     *
     * @throws LlmgineException {@code invalid_request} when it is no record of data
     */
    StoredMessage write(Event event, MessageContext context);
}
