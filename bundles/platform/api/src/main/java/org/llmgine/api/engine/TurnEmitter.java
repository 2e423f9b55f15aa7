package org.llmgine.api.engine;

import org.llmgine.api.stream.StreamEvent;
import org.osgi.annotation.versioning.ProviderType;

/** Take an engine's events to whoever asked. The host implements it. */
@ProviderType
@FunctionalInterface
public interface TurnEmitter {
    /**
     * Pass an event on. It blocks while the reader is slow; call it on the thread that runs the turn, in order.
     *
     * @throws org.llmgine.api.LlmgineException with {@code cancelled} when the reader has left: let it end the turn
     */
    void emit(StreamEvent event);

    /**
     * Send on now what {@link #emit} may have kept back. The host keeps an event back only while the stream that it comes from
     * has the next one ready, and never longer than a moment; so an engine has to call this only where it works on, for long,
     * between two events of one stream.
     */
    default void flush() {}
}
