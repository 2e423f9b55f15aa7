package org.llmgine.api.bus;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Take events. Implemented by plugins and the host; as a service it says which types by {@link ListensTo}, and its
 * {@code service.ranking} says when: those of a higher ranking are done before the lower ones begin, those of the same one run
 * at the same time.
 *
 * <p>Events of one session come one after the other, those of different sessions at the same time, on virtual threads. A call
 * that takes longer than the host's limit is interrupted and left behind. What it throws is told to the event's publisher and
 * as {@link ListenerFailed}; other listeners don't notice. When its bundle goes, calls that run end on it.
 *
 * @param <E> the type of event, and all its subtypes
 */
@ConsumerType
@FunctionalInterface
public interface EventListener<E extends Event> {
    /** Take an event. */
    void handle(E event, MessageContext context) throws Exception;
}
