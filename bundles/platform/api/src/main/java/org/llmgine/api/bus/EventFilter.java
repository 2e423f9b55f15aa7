package org.llmgine.api.bus;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Decide which events pass. Implemented by plugins and the host, as services that may come and go at any time; an event passes
 * when all of them say so, and those of a higher {@code service.ranking} are asked first. What the bus itself tells
 * ({@code llmgine/bus/…}) isn't asked about.
 *
 * <p>One whose service has the property {@code part} isn't asked by the bus: it is a part of the composite filters that name it.
 *
 * <p>It is asked on the publisher's thread and must return at once. One that throws is logged and counts as "pass".
 */
@ConsumerType
@FunctionalInterface
public interface EventFilter {
    /** Tell whether an event passes. */
    boolean passes(Event event, MessageContext context);
}
